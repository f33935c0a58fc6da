import type { Limit } from '@tridot/cache';

/** Every number of the shared cache. The command line, the configuration file and the docs are made from this table. */
export const SHARED_CACHE_LIMITS = {
  deadlineMs: {
    default: 5,
    min: 1,
    max: 1_000,
    why: 'How long a miss waits for the shared cache before the upstream is asked: a few times a round trip inside one data center, and less than one to an upstream.',
  },
  maxPending: {
    default: 1_000,
    min: 1,
    max: 100_000,
    why: 'Commands that may be owed a reply at once; beyond it the shared cache is neither asked nor told.',
  },
  maxLate: {
    default: 10,
    min: 1,
    max: 10_000,
    why: 'After so many missed deadlines in a row the shared cache is left alone for a while.',
  },
  restMs: {
    default: 1_000,
    min: 10,
    max: 60_000,
    why: 'How long it is then left alone, so that a slow server costs the queries of one moment and not all of them.',
  },
  stallMs: {
    default: 5_000,
    min: 100,
    max: 60_000,
    why: 'A connection that owes replies and has brought none for this long is given up and opened anew.',
  },
  maxReconnectMs: {
    default: 2_000,
    min: 50,
    max: 60_000,
    why: 'Longest pause between two attempts to connect. The first is 50 ms, each next one twice as long, with jitter.',
  },
} as const satisfies Record<string, Limit>;

/** One value for each entry of {@link SHARED_CACHE_LIMITS}. */
export type SharedCacheLimits = { readonly [name in keyof typeof SHARED_CACHE_LIMITS]: number };
