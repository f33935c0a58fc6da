/** Looks up what is known about a query, and makes replies from it. */
import { type Layout, walk } from '@tridot/wire';
import { cachedReply, staleReply } from './cached-reply.ts';
import { type CacheCounters, createCounters } from './counters.ts';
import { KIND } from './entry.ts';
import { EntryStore } from './entry-store.ts';
import { CACHE_LIMITS, type CacheLimits } from './limits.ts';
import { moveBelow } from './nxdomain-cut.ts';
import { QueryKey } from './query-key.ts';
import { ResponseRecords } from './response-records.ts';
import { settleUnread } from './unread.ts';

/** What a look-up found. */
export const FOUND = {
  /** Nothing: ask. */
  NOTHING: 0,
  /** An answer within its TTL. */
  ANSWER: 1,
  /** A failure that is remembered: SERVFAIL, without asking. */
  FAILURE: 2,
  /** An answer past its TTL, and the upstream failed lately: give it without asking. */
  STALE: 3,
  /** An answer past its TTL: ask, and give it if that fails or takes long. */
  EXPIRED: 4,
} as const;

/** Pointers reach 16 384 octets: in a shorter answer all of them still do after it was moved behind a longer question. */
const MAX_MOVED_BYTES = 16_000;

export interface CacheOptions {
  /** Values out of {@link CACHE_LIMITS}; their defaults where there is none. */
  readonly limits?: Partial<CacheLimits>;
  /** Whether "this name does not exist" is taken for all names below it (RFC 8020). Default: false. */
  readonly nxdomainCut?: boolean;
  /** A clock that is never set, in milliseconds. Default: `performance.now`. */
  readonly clock?: () => number;
}

/** The half of the cache that takes no answers. The position of the last look-up is kept for the methods that say so. */
export class CacheReader {
  readonly counters: CacheCounters = createCounters();
  readonly limits: CacheLimits;
  /** Scratch for {@link keep} and for callers; keys of other makers have other hashes and find nothing. */
  readonly key: QueryKey = new QueryKey();
  readonly store: EntryStore;
  protected readonly records: ResponseRecords;
  readonly #ancestor: QueryKey;
  readonly #nxdomainCut: boolean;
  readonly #clock: () => number;
  readonly #startMs: number;
  #at = 0;
  /** The name denied lies above the one asked for. */
  #isBelow = false;

  constructor(options: CacheOptions) {
    const defaults = Object.entries(CACHE_LIMITS).map(([name, limit]) => [name, limit.default]);
    this.limits = { ...Object.fromEntries(defaults), ...options.limits };
    this.store = new EntryStore(this.limits, this.counters);
    this.records = new ResponseRecords(this.limits);
    this.#ancestor = new QueryKey(this.key.sipHash);
    this.#nxdomainCut = options.nxdomainCut ?? false;
    this.#clock = options.clock ?? performanceClock;
    this.#startMs = this.#clock();
  }

  /**
   * Whole seconds since the cache was made.
   *
   * @param nowMs by `performance.now()`, from who has just asked for it: asking again takes longer than a look-up.
   */
  nowSeconds(nowMs: number = 0): number {
    const isKnown = nowMs !== 0 && this.#clock === performanceClock;
    return Math.floor(((isKnown ? nowMs : this.#clock()) - this.#startMs) / 1000);
  }

  /** Looks a key up and counts what came of it. @returns a value of {@link FOUND}. */
  lookup(key: QueryKey, nowSeconds: number): number {
    const found = this.find(key, nowSeconds);
    if (found === FOUND.ANSWER) {
      this.counters.hits++;
      this.store.memory.touch(this.#at);
    } else if (found === FOUND.FAILURE) {
      this.counters.hits++;
      this.counters.failures++;
    } else if (found !== FOUND.STALE) this.counters.misses++;
    return found;
  }

  /** Looks a key up without counting it. @returns a value of {@link FOUND}. */
  find(key: QueryKey, nowSeconds: number): number {
    const { store } = this;
    const { memory } = store;
    this.#isBelow = false;
    this.#at = 0;
    if (!this.#nxdomainCut && store.holdsNothing(key)) return FOUND.NOTHING;
    const own = this.findSettled(key);
    this.#at = own;
    const ownIsFresh = own !== 0 && nowSeconds < memory.expires(own);
    if (ownIsFresh && memory.kind(own) !== KIND.FAILURE) return FOUND.ANSWER;
    key.widen();
    const wide = store.find(key);
    key.narrow();
    if (wide !== 0 && nowSeconds < memory.expires(wide)) {
      this.#at = wide;
      return FOUND.ANSWER;
    }
    if (this.#nxdomainCut && this.#findDeniedAbove(key, nowSeconds)) return FOUND.ANSWER;
    if (ownIsFresh) return FOUND.FAILURE;
    this.#at = this.isUsable(own, nowSeconds) ? own : wide;
    if (!this.isUsable(this.#at, nowSeconds)) return FOUND.NOTHING;
    return nowSeconds < memory.refresh(this.#at) ? FOUND.STALE : FOUND.EXPIRED;
  }

  /** The entry of a key, judged if it was not yet; 0: there is none. */
  protected findSettled(key: QueryKey): number {
    const at = this.store.find(key);
    return at !== 0 && this.settle(at) ? at : 0;
  }

  /** Judges an entry that was put away unread. @returns `false` when it must not be kept, and is gone. */
  settle(at: number): boolean {
    const { store } = this;
    if (store.memory.kind(at) !== KIND.UNREAD) return true;
    if (settleUnread(store.memory, at, this.records, this.limits)) return true;
    store.remove(at);
    return false;
  }

  /** Whether records are there that may be given after a failure. */
  protected isUsable(at: number, nowSeconds: number): boolean {
    if (at === 0 || this.store.memory.kind(at) === KIND.FAILURE) return false;
    return nowSeconds < this.store.memory.expires(at) + this.limits.staleSeconds;
  }

  #findDeniedAbove(key: QueryKey, nowSeconds: number): boolean {
    const ancestor = this.#ancestor;
    ancestor.copyFrom(key);
    ancestor.widen();
    while (ancestor.toParent()) {
      const at = this.store.find(ancestor);
      if (at === 0 || nowSeconds >= this.store.memory.expires(at)) continue;
      if (this.store.memory.messageBytes(at) > MAX_MOVED_BYTES) continue;
      this.#at = at;
      this.#isBelow = true;
      return true;
    }
    return false;
  }

  /** The reply from what the last look-up found, an ANSWER; not cut to any length. */
  reply(query: Buffer, layout: Layout, nowSeconds: number, udpSize: number): Buffer {
    const { memory } = this.store;
    const elapsed = nowSeconds - memory.stored(this.#at);
    if (this.#isBelow) return this.#replyBelow(query, layout, elapsed, udpSize);
    return cachedReply(memory, this.#at, query, layout, elapsed, udpSize);
  }

  #replyBelow(query: Buffer, layout: Layout, elapsed: number, udpSize: number): Buffer {
    // The question of the parent is the entry's own; it is replaced with the rest of the query's in the next step.
    const none = { ...layout, questionEnd: 0 };
    const parent = cachedReply(this.store.memory, this.#at, query, none, elapsed, udpSize);
    return moveBelow(parent, walk(parent), query, layout.questionEnd);
  }

  /** The reply from what the last look-up found, STALE or EXPIRED; not cut to any length. */
  staleReply(query: Buffer, layout: Layout, udpSize: number): Buffer {
    this.counters.stale++;
    return staleReply(this.store.memory, this.#at, query, layout, this.limits.staleTtlSeconds, udpSize);
  }

  /** Whether what the last look-up found, an ANSWER, is popular and should be fetched anew. Says so once. */
  takeRefresh(nowSeconds: number): boolean {
    const { memory } = this.store;
    const at = this.#at;
    if (nowSeconds < memory.refresh(at) || this.#isBelow) return false;
    if (memory.hits(at) <= this.limits.prefetchMinHits) return false;
    memory.setRefresh(at, memory.expires(at));
    return true;
  }

  /** For what the last look-up found, EXPIRED: until the time that a retry is due it is STALE. */
  deferRetry(nowSeconds: number): void {
    this.store.memory.setRefresh(this.#at, nowSeconds + this.limits.staleRetrySeconds);
  }
}

function performanceClock(): number {
  return performance.now();
}
