/** A number with its default, its range, and why it is so. */
export interface Limit {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly why: string;
}

/** Every number of this package. */
export const PEER_LIMITS = {
  startTimeoutMs: {
    default: 10_000,
    min: 100,
    max: 120_000,
    why: 'A subject that has not answered by then is taken to be broken; Node with cold files needs most of a second.',
  },
  probeIntervalMs: {
    default: 50,
    min: 1,
    max: 1_000,
    why: 'Between two queries that ask whether a subject answers yet: they are lost until its socket is bound.',
  },
  stopTimeoutMs: {
    default: 5_000,
    min: 0,
    max: 60_000,
    why: 'From SIGTERM to SIGKILL: enough to drain what nobody waits for.',
  },
  logBytes: {
    default: 65_536,
    min: 1_024,
    max: 16_777_216,
    why: 'The end of a subject’s output that is kept: enough to see why it failed, and bounded.',
  },
  versionTimeoutMs: {
    default: 5_000,
    min: 100,
    max: 60_000,
    why: 'For a program to print its version.',
  },
} as const satisfies Record<string, Limit>;
