import type { ListenerOptions } from '@tridot/listener';
import type { TcpConnection } from './tcp-connection.ts';

/** Deadlines are looked at this often within the shortest of them, so that each is met within a tenth. */
const SWEEPS_PER_DEADLINE = 10;
const SHORTEST_SWEEP_MS = 10;

/** The connections of one listening socket: how many there may be, and which of them have to leave. */
export class Connections {
  readonly #options: ListenerOptions;
  /** The one whose last activity is longest ago comes first. */
  readonly #open = new Set<TcpConnection>();
  /** Those that we have ended and that the client has not closed yet. */
  readonly #lingering = new Set<TcpConnection>();
  #sweeper: NodeJS.Timeout | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size + this.#lingering.size;
  }

  /**
   * Fence: whether one more from this address may come in; another one may have to go for it.
   *
   * Without it the library takes every connection, until the process has no file descriptor left.
   */
  makeRoomFor(address: string): boolean {
    const { maxConnections, maxConnectionsPerAddress } = this.#options.limits;
    if (maxConnectionsPerAddress > 0) {
      const fromThere = [...this.#open].filter((connection) => connection.address === address);
      if (fromThere.length >= maxConnectionsPerAddress && !this.#evict(fromThere)) return false;
    }
    return this.#open.size < maxConnections || this.#evict(this.#open);
  }

  #evict(candidates: Iterable<TcpConnection>): boolean {
    for (const connection of candidates) {
      if (connection.owes) continue;
      this.#options.onEvent('connection-evicted');
      connection.end();
      return true;
    }
    return false;
  }

  add(connection: TcpConnection): void {
    this.#open.add(connection);
    this.#sweeper ??= setInterval(() => this.#sweep(), this.#sweepEveryMs());
  }

  /** It brought a query or got its last reply: it goes to the end of the line. */
  touch(connection: TcpConnection): void {
    if (this.#open.delete(connection)) this.#open.add(connection);
  }

  /** We have sent our FIN: it takes no slot any more, but there are no more of these than there are slots. */
  linger(connection: TcpConnection): void {
    if (!this.#open.delete(connection)) return;
    const [oldest] = this.#lingering;
    if (oldest !== undefined && this.#lingering.size >= this.#options.limits.maxConnections) oldest.destroy();
    this.#lingering.add(connection);
  }

  delete(connection: TcpConnection): void {
    this.#open.delete(connection);
    this.#lingering.delete(connection);
    if (this.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
    this.#onEmpty?.();
  }

  /**
   * Fence: when the server closes, its connections end as soon as they are owed nothing.
   *
   * Without it the library stops accepting and leaves the connections open: the server is closed when the last client goes.
   */
  finishAll(): void {
    for (const connection of [...this.#open]) connection.endWhenServed();
  }

  destroyAll(): void {
    for (const connection of [...this.#open, ...this.#lingering]) connection.destroy();
  }

  /** Settles when there is none left, or after `graceMs`. */
  empty(graceMs: number): Promise<void> {
    if (this.size === 0 || graceMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #sweepEveryMs(): number {
    const { idleTimeoutMs, writeStallMs, lingerMs } = this.#options.limits;
    return Math.max(SHORTEST_SWEEP_MS, Math.min(idleTimeoutMs, writeStallMs, lingerMs) / SWEEPS_PER_DEADLINE);
  }

  /**
   * Fence: who is idle, stalled or slow to leave has to go.
   *
   * Without it the library keeps a connection for as long as the client likes.
   */
  #sweep(): void {
    const now = performance.now();
    const { idleTimeoutMs, writeStallMs, lingerMs } = this.#options.limits;
    for (const connection of [...this.#open, ...this.#lingering]) {
      if (now - (connection.unreadSince ?? now) < writeStallMs) continue;
      this.#options.onEvent('connection-stalled');
      connection.destroy();
    }
    for (const connection of [...this.#open]) {
      if (connection.owes || now - connection.activeAt < idleTimeoutMs) continue;
      this.#options.onEvent('connection-idle');
      connection.end();
    }
    for (const connection of [...this.#lingering]) {
      if (now - (connection.lingeringSince ?? now) >= lingerMs) connection.destroy();
    }
  }
}
