/** Asks and tells a Redis or Valkey server what is known, and never lets a query wait for it past the deadline. */
import { DelayQueue } from '@tridot/cache';
import { type Connection, connect } from './connection.ts';
import { SHARED_CACHE_LIMITS, type SharedCacheLimits } from './limits.ts';

/** Changes with the meaning of keys; entries carry a version of their own. */
const KEY_PREFIX = Buffer.from('tridot:1:', 'latin1');

export interface SharedCacheOptions {
  /** `redis://`, `rediss://` (TLS) or `unix://`. */
  readonly url: string;
  /** Values out of {@link SHARED_CACHE_LIMITS}; their defaults where there is none. */
  readonly limits?: Partial<SharedCacheLimits>;
  readonly observer?: SharedCacheObserver;
}

/** Neither method may throw. */
export interface SharedCacheObserver {
  /** The server can be asked now. */
  onUp(): void;
  /** The server cannot be asked. Called once for each time that it was up before, and for the first failure. */
  onDown(error: Error): void;
}

/** Plain numbers, read by whoever shows them. */
export interface SharedCacheCounters {
  hits: number;
  misses: number;
  /** Not answered within the deadline. */
  late: number;
  /** Answered with an error, or lost with the connection. */
  failed: number;
  stored: number;
  /** Not stored, because the server was away or owed too many replies. */
  dropped: number;
}

export interface SharedCacheValue {
  readonly value: Buffer;
  readonly remainingMs: number;
}

export interface RedisSharedCache {
  readonly counters: SharedCacheCounters;
  /** Whether it is worth asking now: connected, keeping its deadlines, and not owing too many replies. */
  readonly isReady: boolean;
  /** Never rejects; `null` when there is no value, or none within the deadline. */
  get(key: Buffer): Promise<SharedCacheValue | null>;
  /** Does not wait and never throws. */
  set(key: Buffer, value: Buffer, ttlMs: number): void;
  /** Lets the connection go at once. What is under way counts as not found. */
  close(): void;
}

/** Begins to connect. The server need not be there: it is tried again until `close`. */
export function createSharedCache(options: SharedCacheOptions): RedisSharedCache {
  return new SharedCache(options);
}

interface Pending {
  readonly resolve: (value: SharedCacheValue | null) => void;
  isSettled: boolean;
}

class SharedCache implements RedisSharedCache {
  readonly counters: SharedCacheCounters = { hits: 0, misses: 0, late: 0, failed: 0, stored: 0, dropped: 0 };
  readonly #url: string;
  readonly #limits: SharedCacheLimits;
  readonly #observer: SharedCacheObserver | null;
  readonly #deadlines: DelayQueue<Pending>;
  #connection: Connection;
  #isUp = true;
  #isClosed = false;
  /** Commands that are owed a reply, those given up included. */
  #owed = 0;
  #lateInARow = 0;
  #restsUntilMs = 0;
  #lastReplyMs = 0;

  constructor(options: SharedCacheOptions) {
    const defaults = Object.entries(SHARED_CACHE_LIMITS).map(([name, limit]) => [name, limit.default]);
    this.#limits = { ...Object.fromEntries(defaults), ...options.limits };
    this.#url = options.url;
    this.#observer = options.observer ?? null;
    this.#deadlines = new DelayQueue(this.#limits.deadlineMs, (pending) => this.#miss(pending));
    this.#connection = this.#connect();
  }

  get isReady(): boolean {
    if (!this.#connection.isReady || this.#isClosed) return false;
    if (this.#restsUntilMs !== 0 && !this.#hasRested()) return false;
    return this.#owed < this.#limits.maxPending;
  }

  get(key: Buffer): Promise<SharedCacheValue | null> {
    if (!this.isReady) return Promise.resolve(null);
    return new Promise((resolve) => {
      const pending: Pending = { resolve, isSettled: false };
      this.#deadlines.push(pending);
      void this.#ask(Buffer.concat([KEY_PREFIX, key]), pending);
    });
  }

  set(key: Buffer, value: Buffer, ttlMs: number): void {
    if (!this.isReady) this.counters.dropped++;
    else void this.#tell(Buffer.concat([KEY_PREFIX, key]), value, ttlMs);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.destroy();
  }

  async #ask(key: Buffer, pending: Pending): Promise<void> {
    const connection = this.#connection;
    this.#owe(2);
    try {
      // Both are one write; what remains is asked instead of kept in the value, so that no two clocks need agree.
      const [value, remainingMs] = await Promise.all([connection.get(key), connection.remainingMs(key)]);
      this.#replied(connection);
      if (pending.isSettled) return;
      this.#lateInARow = 0;
      const isHit = value !== null && remainingMs > 0;
      if (isHit) this.counters.hits++;
      else this.counters.misses++;
      settle(pending, isHit ? { value, remainingMs } : null);
    } catch {
      // Whatever it was, it means the same to the query; the connection's own trouble is told by its events.
      this.counters.failed++;
      settle(pending, null);
    } finally {
      this.#settleDebt(connection, 2);
    }
  }

  async #tell(key: Buffer, value: Buffer, ttlMs: number): Promise<void> {
    const connection = this.#connection;
    this.#owe(1);
    try {
      await connection.set(key, value, Math.max(1, Math.floor(ttlMs)));
      this.#replied(connection);
      this.counters.stored++;
    } catch {
      this.counters.failed++;
    } finally {
      this.#settleDebt(connection, 1);
    }
  }

  #miss(pending: Pending): void {
    if (pending.isSettled) return;
    this.counters.late++;
    settle(pending, null);
    if (++this.#lateInARow < this.#limits.maxLate) return;
    this.#restsUntilMs = performance.now() + this.#limits.restMs;
  }

  #hasRested(): boolean {
    const nowMs = performance.now();
    if (nowMs < this.#restsUntilMs) return false;
    this.#restsUntilMs = 0;
    this.#lateInARow = 0;
    if (this.#owed > 0 && nowMs - this.#lastReplyMs > this.#limits.stallMs) this.#replace();
    return true;
  }

  /** A server that holds the connection and says nothing would hold it for ever. */
  #replace(): void {
    const old = this.#connection;
    this.#owed = 0;
    this.#connection = this.#connect();
    old.destroy();
  }

  #connect(): Connection {
    this.#lastReplyMs = performance.now();
    return connect(this.#url, this.#limits, {
      onUp: () => {
        this.#isUp = true;
        if (!this.#isClosed) this.#observer?.onUp();
      },
      onDown: (error) => {
        if (this.#isUp && !this.#isClosed) this.#observer?.onDown(error);
        this.#isUp = false;
      },
    });
  }

  #owe(commands: number): void {
    // Nothing was owed: the time that the server may stall begins now.
    if (this.#owed === 0) this.#lastReplyMs = performance.now();
    this.#owed += commands;
  }

  #replied(connection: Connection): void {
    if (connection === this.#connection) this.#lastReplyMs = performance.now();
  }

  #settleDebt(connection: Connection, commands: number): void {
    if (connection === this.#connection) this.#owed -= commands;
  }
}

function settle(pending: Pending, value: SharedCacheValue | null): void {
  if (pending.isSettled) return;
  pending.isSettled = true;
  pending.resolve(value);
}
