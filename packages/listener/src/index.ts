/**
 * The contract between a way of serving sockets and what a query means. Types and constants only.
 *
 *   stub resolver ── datagram / frame ──► Listener ── query ──► QueryHandler
 *                 ◄─ datagram / frame ───          ◄── reply ──
 *
 * A {@link Listener} owns one socket and knows nothing of DNS beyond "a message is these bytes". A {@link Strategy}
 * makes listeners. `docs/ARCHITECTURE.md` lists the obligations L1 to L7 that the conformance suite holds each one to.
 */
import type { ListenerLimits } from './limits.ts';

export { LISTENER_LIMITS, type Limit, type ListenerLimits, UNANSWERABLE_PORTS } from './limits.ts';

/** How a client reached us. */
export type Transport = 'udp' | 'tcp';

/** Who sent a query. IPv4-mapped IPv6 addresses are written as IPv4. */
export interface Client {
  readonly transport: Transport;
  readonly address: string;
  readonly port: number;
}

/**
 * The handler's way to say "this peer does not speak DNS": over TCP nothing more is read from the connection, what was
 * already received is served, and the connection ends; over UDP it is the same as silence.
 */
export const HANG_UP: unique symbol = Symbol('hang up');

/** The octets to send back, unframed; `null` to stay silent; or {@link HANG_UP}. */
export type Reply = Buffer | null | typeof HANG_UP;

/**
 * Answers one query with bytes that are ready for the same transport. A reply that is ready comes back synchronously, so
 * that it costs no promise. Never throws and never rejects.
 *
 * @param query one message as it was framed, possibly empty. The handler owns these bytes: the listener never reads or
 *   reuses them afterwards.
 */
export type QueryHandler = (query: Buffer, client: Client) => Reply | Promise<Reply>;

/** Things a listener does that nobody is answered about. Each is counted, none is logged one by one. */
export type ListenerEvent =
  /** L5: a datagram came while `maxInFlight` queries were being answered, and was dropped. */
  | 'overload-dropped'
  /** L5: reading from a TCP connection was paused, because of `maxInFlight` or of the connection's own limit. */
  | 'read-paused'
  /** A datagram from a port of {@link UNANSWERABLE_PORTS} or from our own address and port was dropped. */
  | 'unanswerable-dropped'
  /** The socket refused a reply (too large, no route, no buffer). */
  | 'send-failed'
  /** A TCP connection was accepted. */
  | 'connection-opened'
  /** A TCP connection was closed at once, because every slot was taken and none was idle. */
  | 'connection-refused'
  /** An idle TCP connection was closed to make room for a new one. */
  | 'connection-evicted'
  /** A TCP connection brought no whole message for `idleTimeoutMs` while it was owed nothing. */
  | 'connection-idle'
  /** A TCP client did not read its replies for `writeStallMs`. */
  | 'connection-stalled'
  /** The handler said {@link HANG_UP}. */
  | 'connection-hung-up'
  /** A TCP connection ended in an error, such as a reset. */
  | 'connection-failed';

/** What a listener is made of, besides its handler. */
export interface ListenerOptions {
  readonly transport: Transport;
  /** A concrete local address, IPv4 or IPv6. Never a wildcard: see `docs/ARCHITECTURE.md` on reply addresses. */
  readonly address: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly limits: ListenerLimits;
  /** Called for every {@link ListenerEvent}; must not throw. */
  readonly onEvent: (event: ListenerEvent) => void;
}

/** Where a listener can be reached once `listen()` has settled. */
export interface BoundAddress {
  readonly transport: Transport;
  readonly address: string;
  readonly port: number;
  /** UDP: the receive buffer that the system granted, in octets. */
  readonly receiveBufferBytes?: number;
}

/** One socket that is served. */
export interface Listener {
  /**
   * Binds and begins to serve.
   *
   * @throws the system's error (`EADDRINUSE`, `EACCES`, …) when the address cannot be bound; then nothing stays bound.
   */
  listen(): Promise<BoundAddress>;

  /**
   * Stops taking queries at once, waits for replies in flight, then lets the socket go. Settles in every state (before
   * `listen`, during it, twice) and never rejects.
   *
   * @param options.graceMs how long to wait for replies in flight, in milliseconds. Default 0: not at all.
   */
  close(options?: CloseOptions): Promise<void>;
}

export interface CloseOptions {
  readonly graceMs?: number;
}

/** A way of serving sockets. */
export interface Strategy {
  /** Short, lower case: it names the strategy on the command line and in metrics. */
  readonly name: string;
  /** Makes a listener for one transport on one address. Binds nothing yet. */
  create(handler: QueryHandler, options: ListenerOptions): Listener;
}
