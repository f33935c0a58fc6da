/** A number that a user may set: its default, its range, and why it is so. */
export interface Limit {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly why: string;
}

/** Every number of the probe. */
export const PROBE_LIMITS = {
  timeoutMs: {
    default: 3_000,
    min: 10,
    max: 60_000,
    why: 'One address: connecting, the handshake and the response together. Slower than this is of no use to a stub resolver that gives up at 5 s.',
  },
  concurrency: {
    default: 8,
    min: 1,
    max: 64,
    why: 'Addresses probed at the same time. More would measure our own handshakes queueing for the processor.',
  },
} as const satisfies Record<string, Limit>;

/** One value for each entry of {@link PROBE_LIMITS}. */
export type ProbeLimits = { readonly [name in keyof typeof PROBE_LIMITS]: number };
