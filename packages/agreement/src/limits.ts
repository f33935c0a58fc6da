/** A number that a user may set: its default, its range, and why it is so. */
export interface Limit {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly why: string;
}

/** Every number of comparing upstreams. */
export const AGREEMENT_LIMITS = {
  waitMs: {
    default: 1_500,
    min: 10,
    max: 60_000,
    why: 'From the query on, how long prefer-majority and fail wait for upstreams that have not answered, once one has. Long enough for a name that nobody has cached, short enough that a stub resolver with 5 s is not lost when an upstream is silent.',
  },
  maxComparisons: {
    default: 1_000,
    min: 1,
    max: 100_000,
    why: 'Queries compared at the same time; each holds up to three responses. Beyond it observe asks one upstream without comparing, and the other modes fail the query: else a flood would switch the comparison off.',
  },
  minAnswers: {
    default: 1,
    min: 1,
    max: 3,
    why: 'prefer-majority and fail need this many comparable answers. 1: an upstream that is away does not matter, so whoever can block the others is believed. 2: what nobody could confirm fails.',
  },
  ipv4PrefixBits: {
    default: 24,
    min: 8,
    max: 32,
    why: 'With the address policy same-prefix: the part of an IPv4 address that must be the same. 24 is the longest that is routed in the internet.',
  },
  ipv6PrefixBits: {
    default: 48,
    min: 16,
    max: 128,
    why: 'The same for IPv6. 48 is the longest that is routed in the internet.',
  },
} as const satisfies Record<string, Limit>;

/** One value for each entry of {@link AGREEMENT_LIMITS}. */
export type AgreementLimits = { readonly [name in keyof typeof AGREEMENT_LIMITS]: number };
