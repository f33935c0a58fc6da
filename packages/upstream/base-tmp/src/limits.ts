/** A number that a user may set: its default, its range, and why it is so. */
export interface Limit {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly why: string;
}

/** Every number of the upstream side. The command line, the configuration file and the docs are made from this table. */
export const UPSTREAM_LIMITS = {
  connectTimeoutMs: {
    default: 2_000,
    min: 10,
    max: 60_000,
    why: 'Resolving the host name, if there is one, and the TCP handshake. Leaves time to ask another upstream before a stub gives up at 5 s.',
  },
  handshakeTimeoutMs: {
    default: 2_000,
    min: 10,
    max: 60_000,
    why: 'The TLS handshake, counted from the TCP connection on.',
  },
  queryTimeoutMs: {
    default: 4_800,
    min: 10,
    max: 60_000,
    why: 'One query, all attempts together. Stubs (glibc, musl, systemd) give up at 5 s: 200 ms are left for the error reply to reach them first.',
  },
  stallTimeoutMs: {
    default: 2_000,
    min: 10,
    max: 60_000,
    why: 'A connection that owes answers and has brought none for this long is given up, and what it owes is asked again. Less than half of queryTimeoutMs, so that the second attempt has as much time as the first.',
  },
  idleTimeoutMs: {
    default: 8_000,
    min: 100,
    max: 3_600_000,
    why: 'An idle connection is closed after this long, or sooner where the server was seen to close sooner. Public resolvers were measured alive at 8 s and closed at 11 s.',
  },
  patienceMs: {
    default: 800,
    min: 0,
    max: 60_000,
    why: 'How long a query waits, after the first failed attempt, for an upstream that cannot be reached to come back. Servers restart in less, and the client learns of an outage within 1 s.',
  },
  backoffMinMs: {
    default: 250,
    min: 1,
    max: 60_000,
    why: 'Pause before a failed server is dialled again; doubled at each failure in a row, less up to a quarter at random, forgotten at the first answer (RFC 7858 §3.1).',
  },
  backoffMaxMs: {
    default: 5_000,
    min: 1,
    max: 600_000,
    why: 'Longest pause before a failed server is dialled again: how much longer than the outage itself clients may feel it.',
  },
  maxConnections: {
    default: 2,
    min: 1,
    max: 16,
    why: 'Connections to one server, those being drained included. The second one is opened only when the first cannot take a query (RFC 7766 §6.2.2).',
  },
  maxInFlightPerConnection: {
    default: 32_768,
    min: 1,
    max: 60_000,
    why: 'Message IDs in use on one connection. Half of the 65 536 keeps an unused random one at two tries on average (RFC 7766 §6.2.1).',
  },
  maxWaiting: {
    default: 10_000,
    min: 1,
    max: 1_000_000,
    why: 'Queries that wait for a connection to one server; beyond it they fail at once. As many as one listening socket admits by default.',
  },
  maxQueuedBytes: {
    default: 1_048_576,
    min: 16_384,
    max: 268_435_456,
    why: 'Octets that a server has not read yet; beyond it a connection takes no query until it has, so that memory is bounded. Room for 8 000 padded queries.',
  },
  maxLateAnswers: {
    default: 1_024,
    min: 1,
    max: 30_000,
    why: 'Queries of one connection that were given up and may still be answered. Each keeps its message ID; beyond it the connection is replaced (RFC 7766 §7).',
  },
  maxMismatches: {
    default: 1_000,
    min: 1,
    max: 1_000_000,
    why: 'Messages in a row that answer no query of the connection. They are ignored; beyond it the connection is closed, since the server does not speak our language.',
  },
  maxSends: {
    default: 3,
    min: 1,
    max: 3,
    why: 'How often one query is sent in all, to whichever servers (RFC 9520 §3.1 allows three to one server).',
  },
  padBlockBytes: {
    default: 128,
    min: 0,
    max: 4_096,
    why: 'Queries are padded to a multiple of this many octets (RFC 8467 §4.1); 0 switches padding off.',
  },
  closeTimeoutMs: {
    default: 500,
    min: 1,
    max: 60_000,
    why: 'A connection that is being closed may take this long to send close_notify; then the socket is destroyed.',
  },
} as const satisfies Record<string, Limit>;

/** One value for each entry of {@link UPSTREAM_LIMITS}. */
export type UpstreamLimits = { readonly [name in keyof typeof UPSTREAM_LIMITS]: number };

/** The defaults, with what is given in their place. Ranges are checked by `createUpstreams`. */
export function withDefaults(given: Partial<UpstreamLimits> = {}): UpstreamLimits {
  const defaults = Object.entries(UPSTREAM_LIMITS).map(([name, limit]) => [name, limit.default]);
  return { ...Object.fromEntries(defaults), ...given };
}
