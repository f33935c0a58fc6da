/**
 * A second cache in Redis or Valkey that several forwarders share. Asked on a miss, told what was kept, and never waited
 * for past its deadline.
 *
 *   get ──► GET + PTTL ──► value, or null by the deadline
 *   set ──► SET PX, not waited for
 */
export { SHARED_CACHE_LIMITS, type SharedCacheLimits } from './limits.ts';
export {
  createSharedCache,
  type RedisSharedCache,
  type SharedCacheCounters,
  type SharedCacheObserver,
  type SharedCacheOptions,
  type SharedCacheValue,
} from './shared-cache.ts';
