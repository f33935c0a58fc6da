/** What the cache and the forwarder did from memory: plain numbers, read by whoever shows them. */
export interface CacheCounters {
  /** Queries answered from memory within the TTL, remembered failures included. */
  hits: number;
  /** Queries that could have been answered from memory and were not. */
  misses: number;
  /** Queries that never use the cache: other opcodes, signed, or with an end-to-end EDNS option. */
  bypassed: number;
  /** Of the hits: SERVFAIL for a failure that is remembered. */
  failures: number;
  /** Queries answered with records whose TTL had run out. */
  stale: number;
  /** Answers fetched anew before their TTL ran out. */
  prefetched: number;
  /** Queries that waited for the answer to an equal one. */
  coalesced: number;
  /** Misses answered by the shared cache. */
  shared: number;
  /** Entries dropped to make room. */
  evicted: number;
  /** Memory of the entries that are kept, in octets, their keys and bookkeeping included. */
  octets: number;
  /** Entries that are kept, those past their TTL included. */
  entries: number;
}

export function createCounters(): CacheCounters {
  return {
    hits: 0,
    misses: 0,
    bypassed: 0,
    failures: 0,
    stale: 0,
    prefetched: 0,
    coalesced: 0,
    shared: 0,
    evicted: 0,
    octets: 0,
    entries: 0,
  };
}
