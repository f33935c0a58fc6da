/** A number that a user may set: its default, its range, and why it is so. */
export interface Limit {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly why: string;
}

/** Every number of the policy. The command line, the configuration file and the docs are made from this table. */
export const POLICY_LIMITS = {
  maxListNames: {
    default: 5_000_000,
    min: 1,
    max: 8_000_000,
    why: 'Names in all block and allow lists together, at 7 octets each and the octets of the name. A file that would bring more is refused whole. The maximum is what 31 bits can address when every name is of the greatest length.',
  },
  maxLocalNames: {
    default: 20_000,
    min: 1,
    max: 1_000_000,
    why: 'Names and addresses in one hosts file. They are kept as objects of about a thousand octets each, and when a hosts file has changed all of them are put in order in one go, at about 4 µs each, while no query is answered. Long lists are for blocking, where neither is so.',
  },
  blockTtlSeconds: {
    default: 60,
    min: 0,
    max: 86_400,
    why: 'How long a client may keep the reply to a blocked name: short, so that a name that is allowed again works soon, and long enough that a page does not ask for it again and again.',
  },
  localTtlSeconds: {
    default: 60,
    min: 0,
    max: 604_800,
    why: 'TTL of records from hosts files and of listed ones without a TTL of their own, and of the answer that a local name has no record of some type. Short, since a file may change at any time.',
  },
  settleMs: {
    default: 250,
    min: 10,
    max: 60_000,
    why: 'A changed file is read when it has stayed the same for this long, so that a file is not read while it is being written.',
  },
  pollMs: {
    default: 60_000,
    min: 50,
    max: 86_400_000,
    why: 'How often files are looked at even if the system reported no change: it reports none on network file systems, nor for the target of a symbolic link.',
  },
} as const satisfies Record<string, Limit>;

/** One value for each entry of {@link POLICY_LIMITS}. */
export type PolicyLimits = { readonly [name in keyof typeof POLICY_LIMITS]: number };

/** The default of each limit, with some replaced. Values are not checked against the ranges. */
export function policyLimits(given: Partial<PolicyLimits> = {}): PolicyLimits {
  return {
    maxListNames: given.maxListNames ?? POLICY_LIMITS.maxListNames.default,
    maxLocalNames: given.maxLocalNames ?? POLICY_LIMITS.maxLocalNames.default,
    blockTtlSeconds: given.blockTtlSeconds ?? POLICY_LIMITS.blockTtlSeconds.default,
    localTtlSeconds: given.localTtlSeconds ?? POLICY_LIMITS.localTtlSeconds.default,
    settleMs: given.settleMs ?? POLICY_LIMITS.settleMs.default,
    pollMs: given.pollMs ?? POLICY_LIMITS.pollMs.default,
  };
}

/** Longest line of a file that is read; a longer one is skipped and counted. A name has 255 octets at most. */
export const MAX_LINE_BYTES = 4_096;
/** Octets read from a file at once: some 1500 lines, taken in less than a millisecond, then queries have their turn. */
export const READ_BYTES = 32_768;
/** Names entered into an index before queries have their turn again. */
export const INDEXED_AT_ONCE = 1_024;
/** Local records of one name, in octets of a message: with a chain of aliases before them they still fit into 65 535. */
export const MAX_RECORDS_BYTES = 60_000;
/** Local aliases followed for one query. */
export const MAX_ALIASES = 8;
