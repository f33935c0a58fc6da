/** The cache: what is known about a query, and what became of asking. */
import { COUNT_OFFSET, countOf, HEADER_BYTES, type Layout, RCODE, rcodeOf, walk } from '@tridot/wire';
import { type CacheOptions, CacheReader } from './cache-reader.ts';
import { KIND } from './entry.ts';
import { keptBytes, optLast, shapeOf, writeKeptMessage } from './kept-message.ts';
import { isMarkedQuestion, type QueryKey } from './query-key.ts';
import { exportEntry, readEntry, type SharedEntry } from './shared-entry.ts';
import { mayStayUnread, unreadShape } from './unread.ts';

/** How long an answer was kept already and may still be, in seconds: for answers from a file or another cache. */
export interface KeptFor {
  readonly ageSeconds: number;
  readonly lifetimeSeconds: number;
}

export function createCache(options: CacheOptions = {}): Cache {
  return new Cache(options);
}

/** One cache. It is not told which client asks: whatever differs between clients is in the key or in the reply. */
export class Cache extends CacheReader {
  #keptAt = 0;

  /**
   * Takes note of a response.
   *
   * @param key of the query that it answers.
   * @param response is not changed.
   * @param layout of the response.
   * @returns whether it is kept.
   */
  keep(key: QueryKey, response: Buffer, layout: Layout, nowSeconds: number): boolean {
    if (rcodeOf(response) === RCODE.SERVFAIL) {
      this.fail(key, nowSeconds, this.limits.maxFailureSeconds);
      return false;
    }
    return this.put(key, response, layout, nowSeconds, null);
  }

  /**
   * Takes a response to a query for which there is nothing yet, to judge it when it is asked for.
   *
   * @param hash of the key of the query that it answers, and `flags`.
   * @param response has the question of that query, as whoever asked has made sure. It is not changed.
   * @returns `false` when this one has to be judged at once, by {@link keep}.
   */
  keepUnread(hash: number, flags: number, response: Buffer, layout: Layout, nowSeconds: number): boolean {
    const { store } = this;
    if (!mayStayUnread(response, layout) || !isMarkedQuestion(response, layout.qnameEnd)) return false;
    if (store.mayHold(hash)) return false;
    const at = store.addNew(hash, flags, unreadShape(response, layout, nowSeconds), nowSeconds);
    if (at !== 0) store.memory.octets.set(response, store.memory.messageAt(at));
    return true;
  }

  /** Like {@link keep} for a response that was kept elsewhere before. */
  put(key: QueryKey, response: Buffer, layout: Layout, nowSeconds: number, before: KeptFor | null): boolean {
    const { store, records } = this;
    const last = optLast(response, layout);
    const isKept =
      last !== null &&
      countOf(response, COUNT_OFFSET.QUESTION) === 1 &&
      key.matches(response, 0) &&
      records.read(last.message, last.layout, key.qtype);
    const bytes = isKept ? keptBytes(last.message, last.layout) : 0;
    const ageSeconds = before?.ageSeconds ?? 0;
    const lifetime = Math.min(records.lifetimeSeconds, before?.lifetimeSeconds ?? records.lifetimeSeconds);
    if (!isKept || bytes === 0) {
      if (isAboutTheName(response)) this.#forget(key);
      return false;
    }
    if (!store.holdsNothing(key)) this.#forgetOpposite(key, records.deniesQname);
    if (records.deniesQname) key.widen();
    const shape = shapeOf(records, last.layout, bytes, nowSeconds - ageSeconds, lifetime, this.limits);
    const at = store.add(key, shape, nowSeconds);
    if (at !== 0) writeKeptMessage(store.memory, at, last.message, last.layout, records, key.flags);
    key.narrow();
    this.#keptAt = at;
    return at !== 0;
  }

  /** The answer that was just kept, for a shared cache. */
  exportLast(): SharedEntry {
    return exportEntry(this.store.memory, this.#keptAt);
  }

  /**
   * Keeps an answer from a shared cache.
   *
   * @param key of the query that it is for.
   * @param remainingSeconds for how long it may still be kept.
   * @returns whether it is one, and kept now.
   */
  importShared(key: QueryKey, value: Buffer, remainingSeconds: number, nowSeconds: number): boolean {
    const entry = readEntry(value);
    if (entry === null) return false;
    const remaining = Math.min(entry.lifetimeSeconds, Math.floor(remainingSeconds));
    if (remaining < 1) return false;
    const { lifetimeSeconds } = entry;
    const before = { ageSeconds: lifetimeSeconds - remaining, lifetimeSeconds };
    return this.put(key, entry.message, walk(entry.message), nowSeconds, before);
  }

  /**
   * Takes note that asking failed: of records at hand it is noted when to ask again, else the failure itself is kept.
   *
   * @param maxSeconds the longest that it may be remembered.
   *
   * RFC 2308 §7, RFC 8767 §5, RFC 9520 §3.2
   */
  fail(key: QueryKey, nowSeconds: number, maxSeconds: number): void {
    const { store, limits } = this;
    const { memory } = store;
    const own = this.findSettled(key);
    key.widen();
    const wide = store.find(key);
    key.narrow();
    const kept = this.isUsable(own, nowSeconds) ? own : wide;
    if (this.isUsable(kept, nowSeconds)) {
      memory.setRefresh(kept, nowSeconds + limits.staleRetrySeconds);
      return;
    }
    const isAgain = own !== 0 && memory.kind(own) === KIND.FAILURE;
    const wasRecent = isAgain && nowSeconds < memory.expires(own) + memory.delay(own);
    const delay = wasRecent ? memory.delay(own) * 2 : limits.failureSeconds;
    const delaySeconds = Math.min(delay, maxSeconds);
    // The clock is cut to whole seconds, and the failure may have come at the end of this one (RFC 9520 §3.2: not less).
    const expiresSeconds = nowSeconds + 1 + delaySeconds;
    const messageBytes = HEADER_BYTES + key.questionBytes;
    const shape = { messageBytes, optOffset: 0, ttlCount: 0, refreshSeconds: expiresSeconds };
    const at = store.add(
      key,
      { ...shape, kind: KIND.FAILURE, storedSeconds: nowSeconds, expiresSeconds, delaySeconds },
      nowSeconds,
    );
    if (at !== 0) key.writeQuestion(memory.octets, memory.messageAt(at) + HEADER_BYTES);
  }

  #forget(key: QueryKey): void {
    this.#forgetOne(key);
    key.widen();
    this.#forgetOne(key);
    key.narrow();
  }

  /** A name that exists is not one that does not: the entry that says otherwise goes. */
  #forgetOpposite(key: QueryKey, isDenied: boolean): void {
    if (!isDenied) key.widen();
    this.#forgetOne(key);
    key.narrow();
  }

  #forgetOne(key: QueryKey): void {
    const at = this.store.find(key);
    if (at !== 0) this.store.remove(at);
  }
}

/** Whether a response is the latest word on its name, even if it is not kept itself. Any other is a failure. */
function isAboutTheName(response: Buffer): boolean {
  const rcode = rcodeOf(response);
  return rcode === RCODE.NOERROR || rcode === RCODE.NXDOMAIN;
}
