/** A number with its default, its range, and why it is so. */
export interface Limit {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly why: string;
}

/** Every number of a measurement. */
export const BENCH_LIMITS = {
  rounds: {
    default: 3,
    min: 1,
    max: 100,
    why: 'Runs of each subject; the median of an odd number is one of them.',
  },
  seconds: {
    default: 3,
    min: 1,
    max: 600,
    why: 'Length of a measured run: at 10 ms for a clock tick and 25 000 queries a second, CPU is known to 1 %.',
  },
  warmUpSeconds: {
    default: 1,
    min: 0,
    max: 60,
    why: 'Load before the measured run, so that connections are open, caches are full and code is compiled.',
  },
  warmUpQueries: {
    default: 30_000,
    min: 1,
    max: 10_000_000,
    why: 'Queries of a warm-up at most: enough for V8 to have compiled what is hot, and no second is lost on the fast.',
  },
  loadTimeoutSeconds: {
    default: 1,
    min: 1,
    max: 60,
    why: 'Until dnsperf gives a query up: until then a lost one stands for one in flight, and the load is lighter than it says.',
  },
  clients: { default: 10, min: 1, max: 1_000, why: 'Sockets that dnsperf asks from, as if so many stubs.' },
  inFlight: {
    default: 300,
    min: 1,
    max: 65_536,
    why: 'Queries outstanding at most: enough to saturate every subject, few enough that no socket buffer overflows.',
  },
  connections: {
    default: 50,
    min: 1,
    max: 10_000,
    why: 'Connections at the same time where each query has its own: enough to keep every subject busy.',
  },
  fixedRate: {
    default: 25_000,
    min: 100,
    max: 1_000_000,
    why: 'Queries a second of the fixed-rate run, where wake-ups and small batches cost.',
  },
  fixedRateShare: {
    default: 0.97,
    min: 0.5,
    max: 1,
    why: 'A subject that completes less than this share of the fixed rate could not serve it, and gets no figure for it.',
  },
  failedShare: {
    default: 0.01,
    min: 0,
    max: 1,
    why: 'A subject that answers more than this share with a failure gets no figure: failing is cheaper than forwarding.',
  },
  busyShare: {
    default: 0.85,
    min: 0,
    max: 1,
    why: 'A saturated subject uses its core wholly; one below this share waited for load or upstream.',
  },
  peakRate: {
    default: 150_000,
    min: 10_000,
    max: 10_000_000,
    why: 'Names written for each second of a run, so that none comes twice: more than any subject answers.',
  },
  repeatedNames: {
    default: 1_000,
    min: 1,
    max: 100_000,
    why: 'Different names of the cached run: every cache holds them, and no answer stays in one line of it.',
  },
  noiseFloor: {
    default: 0.03,
    min: 0,
    max: 0.5,
    why: 'A difference below this share is taken for noise, however well the rounds agree.',
  },
  codecBatch: {
    default: 100,
    min: 1,
    max: 100_000,
    why: 'Operations between two looks at the clock, so that looking costs less than what is measured.',
  },
  codecAllocations: {
    default: 10_000,
    min: 100,
    max: 100_000,
    why: 'Operations over which allocation is counted: what is taken in whole pages does not show in one.',
  },
  codecMilliseconds: {
    default: 500,
    min: 10,
    max: 60_000,
    why: 'For one operation of one codec on one message.',
  },
  gateListenMs: {
    default: 300,
    min: 10,
    max: 10_000,
    why: 'For answers to 50 queries at once, before the speed of a subject is measured at all.',
  },
  startProbeMs: {
    default: 2,
    min: 1,
    max: 100,
    why: 'Between two queries to a subject that may not be there yet: how exactly its start is known.',
  },
  idleMs: {
    default: 500,
    min: 0,
    max: 60_000,
    why: 'From the first answer until idle memory is read, so that what the start left behind has settled.',
  },
  upstreamIdleMs: {
    default: 1_000,
    min: 10,
    max: 600_000,
    why: 'After which the upstream of the low-rate run closes an idle connection; public resolvers take seconds.',
  },
  lowRateSeconds: {
    default: 120,
    min: 1,
    max: 86_400,
    why: 'Length of the low-rate run: a dozen queries at the lowest rate, a thousand at the highest.',
  },
  guardRounds: {
    default: 5,
    min: 2,
    max: 100,
    why: 'Runs of each side in the regression check; five that agree are 1 in 32 by chance.',
  },
  guardSeconds: { default: 2, min: 1, max: 600, why: 'Length of a run of the regression check.' },
  guardTolerance: {
    default: 0.05,
    min: 0,
    max: 1,
    why: 'A slowdown below this share does not fail the regression check, however well the rounds agree.',
  },
  subjectCore: { default: 0, min: 0, max: 1_023, why: 'The CPU core that subjects run on.' },
  loadCore: { default: 1, min: 0, max: 1_023, why: 'The CPU core of the load, the upstream and the bench.' },
  memoryQueries: {
    default: 1_000_000,
    min: 10_000,
    max: 1_000_000_000,
    why: 'Queries before memory is expected to be flat, and again as many in which it must be.',
  },
  memorySamples: {
    default: 10,
    min: 2,
    max: 1_000,
    why: 'Times that memory is read in each half of the run.',
  },
  memoryGrowth: {
    default: 0.05,
    min: 0,
    max: 1,
    why: 'Growth of the median from the first half’s end to the second half’s end that still counts as flat.',
  },
  sequentialQueries: {
    default: 200,
    min: 1,
    max: 100_000,
    why: 'Queries asked one after another while upstream connections are counted.',
  },
  queryTimeoutMs: { default: 5_000, min: 100, max: 60_000, why: 'For one query of that run.' },
} as const satisfies Record<string, Limit>;
