import type { Limit } from '@tridot/listener';

/** Every number of the admin endpoint. */
export const ADMIN_LIMITS = {
  maxConnections: {
    default: 64,
    min: 1,
    max: 10_000,
    why: 'HTTP connections at once; more are closed unread. One scraper and the probes of a supervisor need a few.',
  },
  requestTimeoutMs: {
    default: 5_000,
    min: 100,
    max: 600_000,
    why: 'How long a client may take to send a request, or to read its answer, before it is disconnected.',
  },
  readyWindowMs: {
    default: 30_000,
    min: 100,
    max: 3_600_000,
    why: 'An answer of an upstream within this time makes /readyz say yes at once, unless something failed since. After it, and after a failure, an upstream is asked first.',
  },
  readyWaitMs: {
    default: 800,
    min: 10,
    max: 60_000,
    why: 'How long /readyz waits for that answer before it says no: less than the 1 s that Kubernetes gives a probe.',
  },
} as const satisfies Record<string, Limit>;

/** One value for each entry of {@link ADMIN_LIMITS}. */
export type AdminLimits = { readonly [name in keyof typeof ADMIN_LIMITS]: number };
