/** A number that a user may set: its default, its range, and why it is so. */
export interface Limit {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly why: string;
}

/** Every number of a listener. The command line, the configuration file and the docs are made from this table. */
export const LISTENER_LIMITS = {
  maxInFlight: {
    default: 10_000,
    min: 1,
    max: 1_000_000,
    why: 'Queries that one listening socket answers at the same time. Beyond it UDP is dropped and TCP is not read.',
  },
  maxInFlightPerConnection: {
    default: 128,
    min: 1,
    max: 65_536,
    why: 'Queries of one TCP connection answered at the same time; beyond it the connection is not read until replies are out, so that a client that never reads costs bounded memory (RFC 7766 §10).',
  },
  maxConnections: {
    default: 1_000,
    min: 1,
    max: 1_000_000,
    why: 'TCP connections of one listening socket (RFC 7766 §6.2.2). When all are taken, the longest idle one makes room.',
  },
  maxConnectionsPerAddress: {
    default: 0,
    min: 0,
    max: 1_000_000,
    why: 'TCP connections from one client address; 0 is no limit, since services often share an address behind NAT.',
  },
  idleTimeoutMs: {
    default: 10_000,
    min: 100,
    max: 3_600_000,
    why: 'A TCP connection that is owed nothing and has brought no whole query for this long is closed (RFC 7766 §6.2.3, RFC 9210 §4.5).',
  },
  writeStallMs: {
    default: 10_000,
    min: 100,
    max: 3_600_000,
    why: 'A TCP client that reads none of its replies for this long is disconnected (RFC 7766 §10).',
  },
  lingerMs: {
    default: 1_000,
    min: 0,
    max: 60_000,
    why: 'After we have ended a TCP connection, what the client still sends is read and thrown away for this long: closing with unread octets would reset the connection and could destroy replies on their way (RFC 1122 §4.2.2.13).',
  },
  receiveBufferBytes: {
    default: 4_194_304,
    min: 0,
    max: 1_073_741_824,
    why: 'Receive buffer asked of the kernel for a UDP socket, so that a burst waits instead of being lost; 0 leaves the default of the system, which may also grant less than asked.',
  },
} as const satisfies Record<string, Limit>;

/** One value for each entry of {@link LISTENER_LIMITS}. */
export type ListenerLimits = { readonly [name in keyof typeof LISTENER_LIMITS]: number };

/**
 * Source ports that are never answered: 0 is not a port to send to, and behind 7 (echo), 13 (daytime), 19 (chargen) and
 * 37 (time) stand services that answer anything, so that a forged datagram would start an endless exchange.
 */
export const UNANSWERABLE_PORTS: ReadonlySet<number> = new Set([0, 7, 13, 19, 37]);
