import { BENCH_LIMITS } from '../limits.ts';
import { firstLineOf } from '../method/first-line.ts';
import type { Method } from '../method/result.ts';
import { named } from '../options.ts';
import { measureBlocked } from './blocked.ts';
import { measureHitRate } from './hit-rate.ts';
import { measureMillion } from './million.ts';
import type { CacheOptions } from './options.ts';
import type { CachePartName, CacheParts } from './result.ts';
import { type CacheStage, measureHits, measureMiss, measureMissAtRate, measureRate } from './rounds-parts.ts';

/** Who is measured beside raw where answers come from memory. */
export const CACHE_SUBJECTS: readonly string[] = [
  'raw',
  'framework',
  'library',
  'dnsdist',
  'unbound',
  'kresd',
  'smartdns',
];

/** Measures the parts that are asked for. One that breaks off leaves its reason, and the others go on. */
export async function measureParts(
  options: CacheOptions,
  { upstream, onProgress }: Pick<CacheStage, 'upstream' | 'onProgress'>,
): Promise<{ parts: CacheParts; failures: string[] }> {
  const stageOf = (part: CachePartName, method = options.method): CacheStage => ({
    upstream,
    method,
    onProgress: (line) => onProgress(`${part}: ${line}`),
  });
  const paired: Method = {
    ...options.method,
    rounds: options.pairs,
    warmUpSeconds: BENCH_LIMITS.pairWarmUpSeconds.default,
    warmUpQueries: BENCH_LIMITS.pairWarmUpQueries.default,
  };
  const subjects = named(CACHE_SUBJECTS).filter((subject) => subject.installed());
  const measure: Record<CachePartName, () => Promise<CacheParts>> = {
    hits: async () => ({ hits: await measureHits(subjects, stageOf('hits')) }),
    rate: async () => ({ rate: await measureRate(subjects, stageOf('rate')) }),
    miss: async () => {
      const stage = stageOf('miss', paired);
      return { miss: await measureMiss(stage), missAtRate: await measureMissAtRate(stage) };
    },
    'hit-rate': async () => ({ 'hit-rate': await measureHitRate(options.zipfQueries, stageOf('hit-rate')) }),
    million: async () => ({ million: await measureMillion(options.distinctNames, stageOf('million')) }),
    blocked: async () => ({
      blocked: await measureBlocked(options.blockedNames, stageOf('blocked', paired)),
    }),
  };
  let parts: CacheParts = {};
  const failures: string[] = [];
  for (const part of options.parts) {
    const startedAt = performance.now();
    try {
      parts = { ...parts, ...(await measure[part]()) };
    } catch (error) {
      failures.push(`${part}: ${firstLineOf(error)}`);
    }
    onProgress(`${part}: done in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  }
  const { hits, rate, miss, missAtRate, blocked } = parts;
  const runs = [hits, rate, miss, missAtRate, parts['hit-rate'], blocked?.lookUp].flatMap(
    (part) => part?.failures ?? [],
  );
  return { parts, failures: [...failures, ...runs] };
}
