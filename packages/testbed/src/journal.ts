import { TESTBED_LIMITS } from './limits.ts';
import { Signal, type WaitOptions } from './wait.ts';

/** One query as it came out of TLS, without its length prefix. */
export interface JournalQuery {
  readonly bytes: Buffer;
  /** 1 for the first connection that the upstream accepted, and so on. */
  readonly connection: number;
  /** `performance.now()` at its arrival. */
  readonly atMs: number;
}

/** What the handshake agreed on. */
export interface TlsFacts {
  /** Server name that the client sent; null: none. */
  readonly sni: string | null;
  /** Agreed application protocol; null: none. */
  readonly alpn: string | null;
  /** For example `TLSv1.3`. */
  readonly protocol: string;
  readonly resumed: boolean;
}

/**
 * How a connection ended. `open`: not yet. `close-notify`: the client closed TLS in order. `fin`: the client ended TCP
 * without close_notify. `reset`: the client sent RST. `upstream`: this side cut it off.
 */
export type ConnectionEnd = 'open' | 'close-notify' | 'fin' | 'reset' | 'upstream';

/** One connection, as far as it got. */
export interface JournalConnection {
  readonly number: number;
  readonly remotePort: number;
  /** The first octets that the client sent, before any TLS: 0x16 0x03 begins a ClientHello. */
  firstOctets: Buffer;
  /** Set once the handshake is complete. */
  tls: TlsFacts | null;
  /** Why TLS failed, such as an alert of the client's. */
  tlsError: Error | null;
  /** Plaintext length of each TLS application record that came. */
  readonly recordBytes: number[];
  queries: number;
  end: ConnectionEnd;
}

/** Everything that an upstream saw, and waits for more of it. */
export class Journal {
  readonly #signal = new Signal();
  readonly #keep: boolean;
  #queries: JournalQuery[] = [];
  #connections: JournalConnection[] = [];
  #queryCount = 0;
  #connectionCount = 0;

  /** @param keep false: count only, so that a load of any length costs no memory. */
  constructor(keep: boolean) {
    this.#keep = keep;
  }

  get queries(): readonly JournalQuery[] {
    return this.#queries;
  }

  get connections(): readonly JournalConnection[] {
    return this.#connections;
  }

  get queryCount(): number {
    return this.#queryCount;
  }

  get connectionCount(): number {
    return this.#connectionCount;
  }

  /** Connections that nobody has ended yet. */
  get openCount(): number {
    return this.#connections.filter((connection) => connection.end === 'open').length;
  }

  /** Settles once `count` queries have come in all. */
  waitForQueries(count: number, options?: WaitOptions): Promise<void> {
    const describe = () => `${count} queries, of which ${this.#queryCount} came`;
    return this.#signal.until(() => this.#queryCount >= count, describe, options);
  }

  /** Settles once `count` connections have been accepted in all. */
  waitForConnections(count: number, options?: WaitOptions): Promise<void> {
    const describe = () => `${count} connections, of which ${this.#connectionCount} came`;
    return this.#signal.until(() => this.#connectionCount >= count, describe, options);
  }

  /** Settles with the connection of that number once it has been accepted. */
  async waitForConnection(number: number, options?: WaitOptions): Promise<JournalConnection> {
    return this.waitFor(
      () => this.#connections.find((each) => each.number === number),
      `connection ${number}`,
      options,
    );
  }

  /** Settles with the connection of that number once its handshake is complete. */
  async waitForHandshake(number: number, options?: WaitOptions): Promise<JournalConnection> {
    const found = () => this.#connections.find((each) => each.number === number && each.tls !== null);
    return this.waitFor(found, `the handshake of connection ${number}`, options);
  }

  /** Settles with the connection of that number once it has ended, in whatever way. */
  async waitForEnd(number: number, options?: WaitOptions): Promise<JournalConnection> {
    const found = () => this.#connections.find((each) => each.number === number && each.end !== 'open');
    return this.waitFor(found, `the end of connection ${number}`, options);
  }

  /** Settles with what `find` returns, once that is something. It is called again at every entry. */
  async waitFor<T>(find: () => T | undefined, awaited: string, options?: WaitOptions): Promise<T> {
    let found: T | undefined;
    const isMet = () => {
      found = find();
      return found !== undefined;
    };
    await this.#signal.until(isMet, () => awaited, options);
    if (found === undefined) throw new Error(`${awaited} vanished`);
    return found;
  }

  /** Forgets queries and connections. Connection numbers go on counting. */
  clear(): void {
    this.#queries = [];
    this.#connections = this.#connections.filter((connection) => connection.end === 'open');
    this.#queryCount = 0;
  }

  /** @internal Enters an accepted connection. */
  enterConnection(remotePort: number): JournalConnection {
    this.#connectionCount += 1;
    const connection: JournalConnection = {
      number: this.#connectionCount,
      remotePort,
      firstOctets: Buffer.alloc(0),
      tls: null,
      tlsError: null,
      recordBytes: [],
      queries: 0,
      end: 'open',
    };
    if (this.#keep) this.#connections.push(connection);
    this.#signal.notify();
    return connection;
  }

  /** @internal Enters a query. */
  enterQuery(bytes: Buffer, connection: JournalConnection): void {
    this.#queryCount += 1;
    connection.queries += 1;
    if (this.#keep) {
      this.#queries.push({
        bytes: Buffer.from(bytes),
        connection: connection.number,
        atMs: performance.now(),
      });
    }
    this.#signal.notify();
  }

  /** @internal Enters octets of the raw stream, of which the first are kept. */
  enterRawOctets(octets: Buffer, connection: JournalConnection): void {
    const room = TESTBED_LIMITS.firstOctets.default - connection.firstOctets.length;
    if (room <= 0) return;
    connection.firstOctets = Buffer.concat([connection.firstOctets, octets.subarray(0, room)]);
    this.#signal.notify();
  }

  /** @internal Enters the length of one application record. */
  enterRecord(bytes: number, connection: JournalConnection): void {
    if (this.#keep) connection.recordBytes.push(bytes);
  }

  /** @internal Enters what changed about a connection. */
  update(
    connection: JournalConnection,
    change: Partial<Pick<JournalConnection, 'tls' | 'tlsError' | 'end'>>,
  ): void {
    Object.assign(connection, change);
    this.#signal.notify();
  }
}
