import type { CacheCounters } from '@tridot/cache';
import type { PolicyCounters } from '@tridot/policy';
import type { SharedCacheCounters } from '@tridot/shared-cache';
import type { Registry } from 'prom-client';
import { addCounter, addGauge } from './series.ts';

/** What is answered without asking an upstream. Each is asked for anew: a reload may have exchanged it. */
export interface AnswerSources {
  readonly cache: () => CacheCounters | null;
  /** `null` without a shared cache. */
  readonly shared: () => SharedCacheCounters | null;
  readonly policy: () => PolicyCounters;
}

/** What `/metrics` shows of the caches and the policy. */
export function addAnswers(registry: Registry, { cache, shared, policy }: AnswerSources): void {
  addCounter(registry, {
    name: 'tridot_cache_lookups_total',
    help: 'Look-ups in the cache: hit, miss, or bypassed by a query that never uses it.',
    labels: ['result'],
    *read() {
      const counters = cache();
      if (counters === null) return;
      yield [{ result: 'hit' }, counters.hits];
      yield [{ result: 'miss' }, counters.misses];
      yield [{ result: 'bypassed' }, counters.bypassed];
    },
  });
  addCounter(registry, {
    name: 'tridot_cache_events_total',
    help: 'What the cache did besides: failures remembered, stale answers, prefetches, queries coalesced, answers of the shared cache, evictions.',
    labels: ['event'],
    *read() {
      const counters = cache();
      if (counters === null) return;
      for (const event of CACHE_EVENTS) yield [{ event }, counters[event]];
    },
  });
  addGauge(registry, {
    name: 'tridot_cache_bytes',
    help: 'Memory of the answers that are kept.',
    labels: [],
    read: () => [[{}, cache()?.octets ?? 0]],
  });
  addGauge(registry, {
    name: 'tridot_cache_entries',
    help: 'Answers that are kept.',
    labels: [],
    read: () => [[{}, cache()?.entries ?? 0]],
  });
  addCounter(registry, {
    name: 'tridot_shared_cache_events_total',
    help: 'What came of asking and telling the shared cache. No series without one.',
    labels: ['event'],
    *read() {
      const counters = shared();
      if (counters === null) return;
      for (const event of SHARED_EVENTS) yield [{ event }, counters[event]];
    },
  });
  addCounter(registry, {
    name: 'tridot_policy_answers_total',
    help: 'Queries answered by their names alone: blocked, local, special.',
    labels: ['reason'],
    *read() {
      const counters = policy();
      for (const reason of POLICY_REASONS) yield [{ reason }, counters[reason]];
    },
  });
}

const CACHE_EVENTS = ['failures', 'stale', 'prefetched', 'coalesced', 'shared', 'evicted'] as const;
const SHARED_EVENTS = ['hits', 'misses', 'late', 'failed', 'stored', 'dropped'] as const;
const POLICY_REASONS = ['blocked', 'local', 'special'] as const;
