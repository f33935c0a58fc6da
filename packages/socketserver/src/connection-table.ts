import type { ServerEvent } from './base-server.ts';
import type { Connection, ConnectionKeeper } from './connection.ts';
import { ExpiryQueue } from './expiry-queue.ts';

/** The numbers that {@link ConnectionTable} goes by. All are of `SERVER_LIMITS`, except that `maxLingering` is the server's `max`. */
export interface ConnectionRules {
  readonly maxPerAddress: number;
  readonly maxLingering: number;
  readonly idleTimeoutMs: number;
  readonly writeStallMs: number;
  readonly lingerMs: number;
}

/** All connections of a server: which are idle, which are stuck, which only wait for their peer to close. */
export class ConnectionTable implements ConnectionKeeper {
  readonly #rules: ConnectionRules;
  readonly #onEvent: (event: ServerEvent) => void;
  readonly #onEmpty: () => void;
  readonly #all = new Set<Connection>();
  /** Connections that are served, counted by address while that is limited. */
  readonly #perAddress = new Map<string, number>();
  readonly #served = new Set<Connection>();
  readonly #idle: ExpiryQueue<Connection>;
  readonly #stuck: ExpiryQueue<Connection>;
  readonly #lingering: ExpiryQueue<Connection>;

  constructor(rules: ConnectionRules, onEvent: (event: ServerEvent) => void, onEmpty: () => void) {
    this.#rules = rules;
    this.#onEvent = onEvent;
    this.#onEmpty = onEmpty;
    this.#idle = new ExpiryQueue(rules.idleTimeoutMs, (connection) => this.#endIdle(connection));
    this.#stuck = new ExpiryQueue(rules.writeStallMs, (connection) => {
      onEvent('connection-stalled');
      // Not FIN: the system would keep what the peer does not read.
      connection.reset();
    });
    this.#lingering = new ExpiryQueue(rules.lingerMs, (connection) => connection.destroy());
  }

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): IterableIterator<Connection> {
    return this.#all.values();
  }

  /** A connection was accepted; whether it is served is not known yet. */
  add(connection: Connection): void {
    this.#all.add(connection);
  }

  /** The connection is served from now on. */
  serve(connection: Connection): void {
    this.#served.add(connection);
    this.#count(connection, 1);
    this.idle(connection);
  }

  hasPlaceFor(address: string): boolean {
    const { maxPerAddress } = this.#rules;
    return maxPerAddress === 0 || (this.#perAddress.get(address) ?? 0) < maxPerAddress;
  }

  /** Ends the connection that has been idle longest, of one address or of all. False: none is idle. */
  evict(address?: string): boolean {
    const oldest = this.#idle.oldest(
      (one) => (address === undefined || one.peer.address === address) && !this.#stuck.has(one),
    );
    if (oldest === undefined) return false;
    this.#onEvent('connection-evicted');
    oldest.cutOff();
    this.#linger(oldest);
    return true;
  }

  clear(): void {
    for (const connection of this.#all) connection.destroy();
    this.#idle.clear();
    this.#stuck.clear();
    this.#lingering.clear();
  }

  // --- what a connection tells ---

  idle(connection: Connection): void {
    if (!connection.cut && this.#served.has(connection)) this.#idle.add(connection);
  }

  busy(connection: Connection): void {
    this.#idle.delete(connection);
  }

  stuck(connection: Connection, stuck: boolean): void {
    if (stuck) this.#stuck.add(connection);
    else this.#stuck.delete(connection);
  }

  failed(_connection: Connection): void {
    this.#onEvent('connection-failed');
  }

  ended(connection: Connection): void {
    if (this.#rules.lingerMs > 0) this.#linger(connection);
    else connection.destroy();
  }

  gone(connection: Connection): void {
    this.#release(connection);
    this.#idle.delete(connection);
    this.#lingering.delete(connection);
    this.#all.delete(connection);
    if (this.#all.size === 0) this.#onEmpty();
  }

  // --- inside ---

  #endIdle(connection: Connection): void {
    // What it was given has not left yet: the limit of stuck connections is the one that counts.
    if (this.#stuck.has(connection)) {
      this.#idle.add(connection);
      return;
    }
    this.#onEvent('connection-idle');
    connection.cutOff();
  }

  /** The connection gives up its place; its peer has some time to read what is left and to close. */
  #linger(connection: Connection): void {
    this.#release(connection);
    this.#lingering.add(connection);
    if (this.#lingering.size > this.#rules.maxLingering) this.#lingering.oldest()?.destroy();
  }

  #release(connection: Connection): void {
    if (!this.#served.delete(connection)) return;
    this.#count(connection, -1);
    connection.release();
  }

  #count(connection: Connection, change: number): void {
    if (this.#rules.maxPerAddress === 0) return;
    const { address } = connection.peer;
    const count = (this.#perAddress.get(address) ?? 0) + change;
    if (count === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, count);
  }
}
