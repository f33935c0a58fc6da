/** A number of the testbed: its default, its range, and why it is so. */
export interface Limit {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly why: string;
}

/** Every number of the testbed. */
export const TESTBED_LIMITS = {
  certificateDays: {
    default: 30,
    min: 1,
    max: 825,
    why: 'How long a certificate of the throwaway CA lasts: longer than any test run or trial, too short to be kept.',
  },
  waitTimeoutMs: {
    default: 5_000,
    min: 1,
    max: 600_000,
    why: 'How long a wait for an event lasts before it fails: a stub resolver gives up after 5 s too.',
  },
  firstOctets: {
    default: 64,
    min: 5,
    max: 16_384,
    why: 'Octets of the raw stream kept for each connection: enough for a TLS record header and the start of a ClientHello.',
  },
  ttlSeconds: {
    default: 300,
    min: 0,
    max: 2_147_483_647,
    why: 'TTL of the example zone: long enough to see a cache work, short enough to see it end.',
  },
  negativeTtlSeconds: {
    default: 60,
    min: 0,
    max: 10_800,
    why: 'SOA MINIMUM of the example zone, which rules how long a negative answer is kept (RFC 2308 §5).',
  },
  udpSizeBytes: {
    default: 1_232,
    min: 512,
    max: 65_535,
    why: 'UDP size that the upstream names in its OPT; over TLS it has no effect (RFC 9715).',
  },
  paddingBlockBytes: {
    default: 468,
    min: 1,
    max: 65_535,
    why: 'Block length that servers pad their responses to (RFC 8467 §4.1).',
  },
} as const satisfies Record<string, Limit>;
