/** A number that a user may set: its default, its range, and why it is so. */
export interface Limit {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly why: string;
}

/** Every number of the cache. The command line, the configuration file and the docs are made from this table. */
export const CACHE_LIMITS = {
  maxBytes: {
    default: 67_108_864,
    min: 1_048_576,
    max: 1_073_741_824,
    why: 'Memory of the whole cache in octets: messages, keys, bookkeeping and index. It is reserved at the start and taken from the system as it fills. 64 MiB hold about 250 000 usual answers.',
  },
  maxEntries: {
    default: 340_000,
    min: 64,
    max: 8_000_000,
    why: 'Answers kept, whatever their size: it sizes the index, which is part of maxBytes and may take a quarter of it at most.',
  },
  maxTtlSeconds: {
    default: 86_400,
    min: 1,
    max: 604_800,
    why: 'Longer TTLs are cut to this: a day is what most resolvers use, and a week is the most that RFC 8767 §4 suggests.',
  },
  maxNegativeTtlSeconds: {
    default: 10_800,
    min: 1,
    max: 86_400,
    why: 'The same for answers that a name or a type does not exist; one to three hours work well (RFC 2308 §5).',
  },
  failureSeconds: {
    default: 1,
    min: 1,
    max: 300,
    why: 'How long a failure is remembered the first time; doubled each time it is found again. At least one second (RFC 9520 §3.2).',
  },
  maxFailureSeconds: {
    default: 60,
    min: 1,
    max: 300,
    why: 'The longest that an upstream that says SERVFAIL for a name is believed; at most five minutes (RFC 9520 §3.2). A domain that was mended is back within a minute.',
  },
  maxSilenceSeconds: {
    default: 5,
    min: 1,
    max: 300,
    why: 'The longest that a query without any response is remembered as failed: the upstreams may be back at any moment, and are themselves backed off for 5 s at most.',
  },
  staleSeconds: {
    default: 86_400,
    min: 0,
    max: 259_200,
    why: 'How long an answer may still be given after its TTL ran out, when no new one can be had; 0: never. One to three days are suggested (RFC 8767 §5).',
  },
  staleTtlSeconds: {
    default: 30,
    min: 1,
    max: 300,
    why: 'TTL of such an answer; 30 s are recommended (RFC 8767 §4).',
  },
  staleAfterMs: {
    default: 1_800,
    min: 0,
    max: 10_000,
    why: 'How long a client waits for a new answer while an old one is at hand: just below the 2 s after which stub resolvers give up (RFC 8767 §5).',
  },
  staleRetrySeconds: {
    default: 30,
    min: 1,
    max: 300,
    why: 'After a failed refresh the old answer is given at once and the upstream is left alone for this long (RFC 8767 §5).',
  },
  prefetchPercent: {
    default: 10,
    min: 0,
    max: 50,
    why: 'A popular answer that is asked for in this last part of its TTL is fetched anew; 0: never.',
  },
  prefetchMinHits: {
    default: 2,
    min: 1,
    max: 255,
    why: 'How often an answer must have been given before it is popular. Fetching anew what was asked once costs queries and saves none.',
  },
} as const satisfies Record<string, Limit>;

/** One value for each entry of {@link CACHE_LIMITS}. */
export type CacheLimits = { readonly [name in keyof typeof CACHE_LIMITS]: number };
