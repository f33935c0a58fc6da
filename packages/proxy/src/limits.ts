import type { Limit } from '@tridot/listener';

/** Every number of the program around the listeners, the forwarder and the upstreams. */
export const PROXY_LIMITS = {
  graceMs: {
    default: 5_000,
    min: 0,
    max: 600_000,
    why: 'How long SIGTERM and SIGINT wait for replies in flight: as long as one query may take, and well within the 30 s that Kubernetes and the 10 s that Docker wait before they kill.',
  },
  portAttempts: {
    default: 16,
    min: 1,
    max: 1_000,
    why: 'With port 0 the system chooses a port for the first socket, and the others must be able to share it. How many choices are tried.',
  },
  repeatedLogIntervalMs: {
    default: 10_000,
    min: 100,
    max: 3_600_000,
    why: 'A cause of upstream failures is logged at once; the same cause again within this time is only counted, so that an outage does not fill the disk.',
  },
  watchIntervalMs: {
    default: 2_000,
    min: 50,
    max: 3_600_000,
    why: 'How often --watch-config looks at the files. They are looked at, not watched: the system tells nothing of a file in a volume of Kubernetes, where a link is exchanged, nor of one in a network. A change counts when two looks have seen the same.',
  },
} as const satisfies Record<string, Limit>;

/** One value for each entry of {@link PROXY_LIMITS}. */
export type ProxyLimits = { readonly [name in keyof typeof PROXY_LIMITS]: number };
