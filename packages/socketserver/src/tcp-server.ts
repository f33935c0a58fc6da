import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type Admission, concurrent } from './admission.ts';
import type { BaseRequestHandler, Step } from './base-request-handler.ts';
import { BaseServer, type HandlerFactory } from './base-server.ts';
import { Connection } from './connection.ts';
import { ConnectionTable } from './connection-table.ts';
import { checkedLimit } from './limits.ts';
import { isPlainIPv6, type ServerAddress } from './peer.ts';

/** Options of a {@link TcpServer}; the numbers, their ranges and defaults are in `SERVER_LIMITS`. */
export interface TcpServerOptions {
  /** Local address, IPv4 or IPv6. */
  readonly address: string;
  /** Default 0: the system chooses. */
  readonly port?: number;
  /** How many connections are served at a time. Default `concurrent()`. */
  readonly admission?: Admission;
  /** When all places are taken, the connection that has been idle longest makes room. Default true. */
  readonly evictIdle?: boolean;
  readonly maxPerAddress?: number;
  readonly idleTimeoutMs?: number;
  readonly writeStallMs?: number;
  readonly lingerMs?: number;
  readonly readAheadBytes?: number;
}

/** Connections that the system holds until they are accepted; it may hold fewer. */
const ACCEPT_BACKLOG = 511;

/** Serves connections: each is one request, and its handler lives as long as it does. */
export class TcpServer extends BaseServer<Connection> {
  readonly #options: TcpServerOptions;
  readonly #createHandler: HandlerFactory<Connection, TcpServer>;
  readonly #readAheadBytes: number;
  readonly #connections: ConnectionTable;
  #server: Server | undefined;
  #closed: Promise<void> | undefined;

  /** @throws {OptionError} ERR_OPTION: an option is out of its range */
  constructor(createHandler: HandlerFactory<Connection, TcpServer>, options: TcpServerOptions) {
    const admission = options.admission ?? concurrent();
    super(admission);
    this.#options = options;
    this.#createHandler = createHandler;
    this.#readAheadBytes = checkedLimit('readAheadBytes', options.readAheadBytes);
    const rules = {
      maxPerAddress: checkedLimit('maxPerAddress', options.maxPerAddress),
      maxLingering: admission.max,
      idleTimeoutMs: checkedLimit('idleTimeoutMs', options.idleTimeoutMs),
      writeStallMs: checkedLimit('writeStallMs', options.writeStallMs),
      lingerMs: checkedLimit('lingerMs', options.lingerMs),
    };
    this.#connections = new ConnectionTable(
      rules,
      (event) => this.onEvent(event),
      () => this.settle(),
    );
  }

  /** Connections that exist, those being closed too. */
  get connections(): number {
    return this.#connections.size;
  }

  protected override async bind(): Promise<ServerAddress> {
    const { address, port = 0 } = this.#options;
    // Half open: a peer that has sent all it has, and says so, still gets its answers.
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, this.#onSocket);
    server.listen({
      host: address,
      port,
      ipv6Only: isPlainIPv6(address),
      exclusive: true,
      backlog: ACCEPT_BACKLOG,
    });
    await once(server, 'listening');
    // No descriptor left, for example: one connection is lost, the server is not.
    server.on('error', (error) => this.handleError(error, undefined));
    this.#server = server;
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new TypeError('the socket has no address');
    return { address: bound.address, port: bound.port };
  }

  protected override createHandler(connection: Connection): BaseRequestHandler {
    return this.#createHandler(connection, this);
  }

  protected override hasPlaceFor(connection: Connection): boolean {
    const { address } = connection.peer;
    if (!this.#connections.hasPlaceFor(address) && !this.#evict(address)) return false;
    return super.hasPlaceFor(connection) || this.#evict();
  }

  protected override handleOverload(connection: Connection): void {
    this.onEvent('connection-refused');
    this.closeRequest(connection);
  }

  protected override processRequest(connection: Connection): Step {
    this.onEvent('connection-opened');
    this.#connections.serve(connection);
    void super.processRequest(connection);
    // Not when the handler has finished: what it wrote may still have to leave.
    return connection.released;
  }

  protected override shutdownRequest(connection: Connection): void {
    connection.finish();
  }

  protected override closeRequest(connection: Connection): void {
    connection.destroy();
  }

  protected override stopTaking(): void {
    const server = this.#server;
    if (server !== undefined) this.#closed ??= new Promise((resolve) => server.close(() => resolve()));
    for (const connection of this.#connections) connection.cutOff();
  }

  protected override isQuiet(): boolean {
    return this.#connections.size === 0;
  }

  protected override async letGo(): Promise<void> {
    this.#connections.clear();
    await this.#closed;
  }

  readonly #onSocket = (socket: Socket): void => {
    const connection = new Connection(socket, this.#connections, this.#readAheadBytes);
    this.#connections.add(connection);
    this.handleRequest(connection);
  };

  #evict(address?: string): boolean {
    return this.#options.evictIdle !== false && this.#connections.evict(address);
  }
}
