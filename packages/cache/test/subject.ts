/** A cache with a clock that the test sets, asked with whole messages. */
import { walk } from '@tridot/wire';
import { type Cache, type CacheLimits, createCache, FOUND, type QueryKey } from '../src/index.ts';

const UDP_SIZE = 1232;

export class Subject {
  readonly cache: Cache;
  #nowMs = 5_000_000;

  constructor(limits: Partial<CacheLimits> = {}, nxdomainCut = false) {
    this.cache = createCache({
      limits: { maxBytes: 1_048_576, ...limits },
      nxdomainCut,
      clock: () => this.#nowMs,
    });
  }

  pass(seconds: number): void {
    this.#nowMs += seconds * 1000;
  }

  /** @returns whether it is kept. */
  keep(query: Buffer, response: Buffer): boolean {
    return this.cache.keep(this.key(query), response, walk(response), this.cache.nowSeconds());
  }

  /** @returns whether it may be judged later. */
  keepUnread(query: Buffer, response: Buffer): boolean {
    const { hash, flags } = this.key(query);
    return this.cache.keepUnread(hash, flags, response, walk(response), this.cache.nowSeconds());
  }

  fail(query: Buffer, maxSeconds = 60): void {
    this.cache.fail(this.key(query), this.cache.nowSeconds(), maxSeconds);
  }

  found(query: Buffer): number {
    return this.cache.lookup(this.key(query), this.cache.nowSeconds());
  }

  /** The reply within its TTL; `null` when there is none. */
  reply(query: Buffer): Buffer | null {
    if (this.found(query) !== FOUND.ANSWER) return null;
    return this.cache.reply(query, walk(query), this.cache.nowSeconds(), UDP_SIZE);
  }

  staleReply(query: Buffer): Buffer | null {
    const found = this.found(query);
    if (found !== FOUND.STALE && found !== FOUND.EXPIRED) return null;
    return this.cache.staleReply(query, walk(query), UDP_SIZE);
  }

  key(query: Buffer): QueryKey {
    if (!this.cache.key.read(query, walk(query))) throw new Error('the query has no key');
    return this.cache.key;
  }
}

/** Octets of all entries, counted one by one. */
export function countOctets({ store }: Cache): { octets: number; entries: number } {
  let octets = 0;
  let entries = 0;
  store.forEach((at) => {
    octets += store.memory.size(at) * 4;
    entries++;
  });
  return { octets, entries };
}
