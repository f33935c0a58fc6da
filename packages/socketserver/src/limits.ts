import { OptionError } from './errors.ts';

/** A number that a user of the framework may set: its default, its range, and why it is so. */
export interface Limit {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly why: string;
}

/** The longest time that Node's timers can count, in milliseconds. */
export const MAX_TIMER_MS = 2_147_483_647;

/** Every number of the framework. */
export const SERVER_LIMITS = {
  max: {
    default: 1_000,
    min: 1,
    max: 1_000_000,
    why: 'Requests handled at the same time: datagrams of a UdpServer, connections of a TcpServer.',
  },
  backlog: {
    default: 0,
    min: 0,
    max: 1_000_000,
    why: 'Requests that wait while `max` are handled. Beyond it a request is dropped or a connection closed.',
  },
  maxPerAddress: {
    default: 0,
    min: 0,
    max: 1_000_000,
    why: 'Connections from one peer address; 0 is no limit, since many peers may share an address behind NAT.',
  },
  idleTimeoutMs: {
    default: 0,
    min: 0,
    max: MAX_TIMER_MS,
    why: 'A connection that is owed nothing and has finished no request for this long is ended; 0 is never, as in Python.',
  },
  writeStallMs: {
    default: 30_000,
    min: 0,
    max: MAX_TIMER_MS,
    why: 'A peer that reads none of what waits for it for this long is disconnected; 0 is never.',
  },
  lingerMs: {
    default: 1_000,
    min: 0,
    max: 60_000,
    why: 'After we have ended a connection, what the peer still sends is read and thrown away for this long: closing with unread octets would reset the connection and could destroy what the peer has not read yet (RFC 1122 §4.2.2.13).',
  },
  readAheadBytes: {
    default: 65_536,
    min: 1,
    max: 16_777_216,
    why: 'Octets received before a handler asks for them; beyond it the connection is not read.',
  },
  receiveBufferBytes: {
    default: 0,
    min: 0,
    max: 1_073_741_824,
    why: 'Receive buffer asked of the kernel for a datagram socket; 0 leaves the default of the system, which may also grant less than asked.',
  },
} as const satisfies Record<string, Limit>;

/** The value given, or the default of its limit. @throws {OptionError} when it is out of range. */
export function checkedLimit(name: keyof typeof SERVER_LIMITS, given: number | undefined): number {
  const limit: Limit = SERVER_LIMITS[name];
  const value = given ?? limit.default;
  if (Number.isInteger(value) && value >= limit.min && value <= limit.max) return value;
  throw new OptionError(`${name} is ${value}; it must be an integer from ${limit.min} to ${limit.max}`);
}
