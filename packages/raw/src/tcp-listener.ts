import { once } from 'node:events';
import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import type { BoundAddress, CloseOptions, Listener, ListenerOptions, QueryHandler } from '@tridot/listener';
import { InFlight } from './in-flight.ts';
import { TcpConnection } from './tcp-connection.ts';

/** Serves TCP: owns the connections of one listening socket and decides which of them may stay. */
export class TcpListener implements Listener {
  readonly handler: QueryHandler;
  readonly options: ListenerOptions;
  readonly inFlight: InFlight;
  readonly #server: Server;
  /** Open connections, the one with the oldest activity first. */
  readonly #connections = new Set<TcpConnection>();
  /** Connections that we have ended and that the client has not closed yet. */
  readonly #lingering = new Set<TcpConnection>();
  /** Connections that stopped reading because the whole listener was full. */
  readonly #waiting = new Set<TcpConnection>();
  #sweeper: NodeJS.Timeout | undefined;
  #bound: Promise<BoundAddress> | undefined;
  #closed: Promise<void> | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(handler: QueryHandler, options: ListenerOptions) {
    this.handler = handler;
    this.options = options;
    this.inFlight = new InFlight(options.limits.maxInFlight);
    // Half open: a client that has sent its last query and its FIN still gets its replies (RFC 7766 §6.2.4).
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  listen(): Promise<BoundAddress> {
    this.#bound ??= this.#bind();
    return this.#bound;
  }

  close({ graceMs = 0 }: CloseOptions = {}): Promise<void> {
    this.#closed ??= this.#shutDown(graceMs);
    return this.#closed;
  }

  // --- what a connection tells its listener ---

  /** It brought a query, or was given its last reply: it goes to the end of the line of those that may have to leave. */
  touched(connection: TcpConnection): void {
    if (this.#connections.delete(connection)) this.#connections.add(connection);
  }

  waits(connection: TcpConnection): void {
    this.#waiting.add(connection);
  }

  /** A query of any connection was answered: those that have waited longest may go on while there is room. */
  answered(): void {
    this.inFlight.leave();
    for (const connection of this.#waiting) {
      if (this.inFlight.full) return;
      this.#waiting.delete(connection);
      connection.serveBacklog();
    }
  }

  ended(connection: TcpConnection): void {
    if (!this.#connections.delete(connection)) return;
    const [oldest] = this.#lingering;
    if (oldest !== undefined && this.#lingering.size >= this.options.limits.maxConnections) oldest.destroy();
    this.#lingering.add(connection);
  }

  gone(connection: TcpConnection): void {
    this.#connections.delete(connection);
    this.#lingering.delete(connection);
    this.#waiting.delete(connection);
    if (this.#connections.size + this.#lingering.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
    this.#onEmpty?.();
  }

  // --- accepting ---

  async #bind(): Promise<BoundAddress> {
    const { address, port } = this.options;
    if (this.#closed !== undefined) throw new Error('the listener was closed');
    this.#server.listen({ host: address, port, ipv6Only: isIPv6(address), exclusive: true, backlog: 511 });
    await once(this.#server, 'listening');
    // Out of file descriptors, for example: that connection is lost, the listener is not.
    this.#server.on('error', () => this.options.onEvent('connection-failed'));
    const bound = this.#server.address();
    if (bound === null || typeof bound === 'string') throw new Error('the socket has no address');
    return { transport: 'tcp', address: bound.address, port: bound.port };
  }

  #accept(socket: Socket): void {
    if (!this.#hasRoomFor(socket)) {
      this.options.onEvent('connection-refused');
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    this.options.onEvent('connection-opened');
    this.#connections.add(new TcpConnection(socket, this));
    this.#sweeper ??= setInterval(() => this.#sweep(), this.#sweepEveryMs());
  }

  #hasRoomFor(socket: Socket): boolean {
    const { maxConnections, maxConnectionsPerAddress } = this.options.limits;
    if (maxConnectionsPerAddress > 0) {
      const fromThere = [...this.#connections].filter((open) => open.address === socket.remoteAddress);
      if (fromThere.length >= maxConnectionsPerAddress && !this.#evict(fromThere)) return false;
    }
    return this.#connections.size < maxConnections || this.#evict(this.#connections);
  }

  #evict(candidates: Iterable<TcpConnection>): boolean {
    for (const connection of candidates) {
      if (connection.owes) continue;
      this.options.onEvent('connection-evicted');
      connection.end();
      return true;
    }
    return false;
  }

  // --- those that have to leave ---

  #sweepEveryMs(): number {
    const { idleTimeoutMs, writeStallMs, lingerMs } = this.options.limits;
    return Math.max(10, Math.min(idleTimeoutMs, writeStallMs, lingerMs, 10_000) / 10);
  }

  #sweep(): void {
    const now = performance.now();
    const { idleTimeoutMs, writeStallMs, lingerMs } = this.options.limits;
    for (const connection of [...this.#connections, ...this.#lingering]) {
      if (now - (connection.unreadSince ?? now) < writeStallMs) continue;
      this.options.onEvent('connection-stalled');
      connection.destroy();
    }
    for (const connection of this.#connections) {
      if (connection.owes || now - connection.activeAt < idleTimeoutMs) continue;
      this.options.onEvent('connection-idle');
      connection.end();
    }
    for (const connection of this.#lingering) {
      if (now - (connection.lingeringSince ?? now) >= lingerMs) connection.destroy();
    }
  }

  async #shutDown(graceMs: number): Promise<void> {
    const bound = await this.#bound?.catch(() => undefined);
    if (bound === undefined) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const connection of this.#connections) connection.endWhenServed();
    if (graceMs > 0) await this.#emptied(graceMs);
    for (const connection of [...this.#connections, ...this.#lingering]) connection.destroy();
    await closed;
  }

  #emptied(graceMs: number): Promise<void> {
    if (this.#connections.size + this.#lingering.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
