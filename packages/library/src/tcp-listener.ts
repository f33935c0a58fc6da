import type { Socket } from 'node:net';
import { isIPv6 } from 'node:net';
import type { BoundAddress, CloseOptions, Listener, ListenerOptions, QueryHandler } from '@tridot/listener';
import {
  createTCPServer,
  type Peer,
  type StreamRemote,
  type TcpServer,
} from 'native-dns-multisocket/lib/server.js';
import { Connections } from './connections.ts';
import {
  introduce,
  keepHalfOpen,
  peerOf,
  sendAtOnce,
  surviveErrors,
  takeReading,
} from './fences/connection.ts';
import { guardParser } from './fences/request-path.ts';
import { bound, closed, ListenerClosedError } from './fences/server.ts';
import { InFlight } from './in-flight.ts';
import { TcpConnection } from './tcp-connection.ts';

/** Connections that the kernel keeps for us until they are accepted; Node's own default. */
const BACKLOG = 511;

/** Serves TCP through the library's `TCPServer`. */
export class TcpListener implements Listener {
  readonly handler: QueryHandler;
  readonly options: ListenerOptions;
  readonly inFlight: InFlight;
  readonly connections: Connections;
  /** Hands a query to the library, or past it; comes back by {@link TcpConnection.serve}. */
  readonly answer: (query: Buffer, remote: StreamRemote, peer: Peer) => void;
  readonly #server: TcpServer;
  readonly #byRemote = new Map<StreamRemote, TcpConnection>();
  /** Connections that stopped reading because the whole listener was full. */
  readonly #waiting = new Set<TcpConnection>();
  #bound: Promise<BoundAddress> | undefined;
  #closed: Promise<void> | undefined;

  constructor(handler: QueryHandler, options: ListenerOptions) {
    this.handler = handler;
    this.options = options;
    this.inFlight = new InFlight(options.limits.maxInFlight);
    this.connections = new Connections(options);
    this.#server = createTCPServer();
    keepHalfOpen(this.#server._socket);
    sendAtOnce(this.#server._socket);
    this.answer = guardParser(this.#server, (query, remote) => this.#byRemote.get(remote)?.serve(query));
    this.#server.handleMessage = (query, remote) => this.#byRemote.get(remote)?.onMessage(query);
    this.#server._socket.on('connection', (socket) => this.#accept(socket));
  }

  listen(): Promise<BoundAddress> {
    this.#bound ??= this.#bind();
    return this.#bound;
  }

  close({ graceMs = 0 }: CloseOptions = {}): Promise<void> {
    this.#closed ??= this.#shutDown(graceMs);
    return this.#closed;
  }

  async #bind(): Promise<BoundAddress> {
    const { address, port } = this.options;
    if (this.#closed !== undefined) throw new ListenerClosedError();
    const listening = bound(this.#server);
    this.#server.serve({
      host: address,
      port,
      ipv6Only: isIPv6(address),
      exclusive: true,
      backlog: BACKLOG,
    });
    await listening;
    // Out of file descriptors, for example: that connection is lost, the listener is not.
    this.#server.on('socketError', () => this.options.onEvent('connection-failed'));
    const at = this.#server._socket.address();
    if (at === null || typeof at === 'string') throw new Error('the socket has no address');
    return { transport: 'tcp', address: at.address, port: at.port };
  }

  /** The library has had the connection before us, in the same turn of the event loop: its parser is attached. */
  #accept(socket: Socket): void {
    if (this.#closed !== undefined || !this.connections.makeRoomFor(peerOf(socket).address)) {
      surviveErrors(socket, () => {});
      this.options.onEvent('connection-refused');
      socket.destroy();
      return;
    }
    surviveErrors(socket, () => this.options.onEvent('connection-failed'));
    this.options.onEvent('connection-opened');
    const feed = takeReading(socket);
    const remote = introduce(this.#server, feed);
    const connection = new TcpConnection(this, socket, remote, feed);
    this.#byRemote.set(remote, connection);
    this.connections.add(connection);
  }

  // --- what a connection tells its listener ---

  waits(connection: TcpConnection): void {
    this.#waiting.add(connection);
  }

  /** A query of any connection was answered: those that have waited longest may read on. */
  answered(): void {
    this.inFlight.leave();
    for (const connection of this.#waiting) {
      if (this.inFlight.full) return;
      this.#waiting.delete(connection);
      connection.flow();
    }
  }

  gone(connection: TcpConnection, remote: StreamRemote): void {
    this.#byRemote.delete(remote);
    this.#waiting.delete(connection);
    this.connections.delete(connection);
  }

  // --- the end ---

  async #shutDown(graceMs: number): Promise<void> {
    const deadline = performance.now() + graceMs;
    const listening = await this.#bound?.then(
      () => true,
      () => false,
    );
    if (listening !== true) return;
    const done = closed(this.#server);
    this.connections.finishAll();
    await this.connections.empty(deadline - performance.now());
    this.connections.destroyAll();
    await done;
  }
}
