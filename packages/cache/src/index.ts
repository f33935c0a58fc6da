/**
 * Responses kept as bytes, found by the bytes of a query.
 *
 *   query ──► QueryKey ──► lookup ──► reply (one copy)
 *                                └──► nothing: ask ──► keep, or fail
 */
export { Cache, createCache, type KeptFor } from './cache.ts';
export { CacheFileError, loadCache, saveCache } from './cache-file.ts';
export { type CacheOptions, FOUND } from './cache-reader.ts';
export { type CacheCounters, createCounters } from './counters.ts';
export { DelayQueue } from './delay-queue.ts';
export { KEY_FLAG } from './key-flags.ts';
export { CACHE_LIMITS, type CacheLimits, type Limit } from './limits.ts';
export { QueryKey } from './query-key.ts';
