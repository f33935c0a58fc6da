/** A number of the fuzzer: its default, its range, and why it is so. */
export interface Limit {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly why: string;
}

/** Every number of the fuzzer. */
export const FUZZ_LIMITS = {
  minutes: {
    default: 1,
    min: 0,
    max: 1_440,
    why: 'How long a run lasts. 0 is possible with a number of iterations alone.',
  },
  datagramsPerBatch: {
    default: 48,
    min: 1,
    max: 1_000,
    why: 'Datagrams that are sent before silence is waited for. The wait costs two sound queries, so more is faster; fewer are easier to shrink.',
  },
  batchBytes: {
    default: 120_000,
    min: 1_000,
    max: 1_000_000,
    why: 'Octets of datagrams in one batch. The kernel drops what does not fit into the receive buffer, and a drop looks like a difference.',
  },
  answersPerBatch: {
    default: 24,
    min: 1,
    max: 500,
    why: 'Responses of the upstream that are tried together.',
  },
  epochIterations: {
    default: 400,
    min: 1,
    max: 1_000_000,
    why: 'Batches after which everything is closed and opened anew; then descriptors and handles are counted.',
  },
  waitMs: {
    default: 8_000,
    min: 100,
    max: 600_000,
    why: 'Longest wait for a sound query, a connection to end or the queries in flight: above the deadline of a query (4.8 s), so that this is waited out.',
  },
  hangMs: {
    default: 15_000,
    min: 1_000,
    max: 600_000,
    why: 'A process that does not turn its event loop for this long hangs; the watchdog reports the batch and ends it.',
  },
  closeMs: {
    default: 3_000,
    min: 0,
    max: 60_000,
    why: 'How long sockets may take to be let go of after everything was closed: the upstream side allows itself 0.5 s, and lingering connections 1 s.',
  },
  stallMs: {
    default: 100,
    min: 1,
    max: 10_000,
    why: 'Longest that the event loop may stand still: the worst message is to take less than 5 ms, so many of them stay below this.',
  },
  growthBytes: {
    default: 48 * 1_048_576,
    min: 1_048_576,
    max: 1_073_741_824,
    why: 'How much more memory, collected and idle, a run may hold than after its first epochs.',
  },
  warmUpEpochs: {
    default: 3,
    min: 1,
    max: 1_000,
    why: 'Epochs before memory is first weighed: compiled code and tables are there by then.',
  },
  replays: {
    default: 3,
    min: 1,
    max: 100,
    why: 'How often a finding is tried again before it is believed: the machine may have been busy.',
  },
  shrinkRuns: {
    default: 400,
    min: 0,
    max: 100_000,
    why: 'Attempts at a smaller input.',
  },
  shrinkMs: {
    default: 60_000,
    min: 0,
    max: 3_600_000,
    why: 'Time for a smaller input; inputs that make something wait take seconds each.',
  },
  findings: {
    default: 10,
    min: 1,
    max: 1_000,
    why: 'Different findings after which a run ends: what follows is likely the same again.',
  },
} as const satisfies Record<string, Limit>;
