import type { Subject } from '@tridot/peers';
import { pairingsOf } from '../levels/pairings.ts';
import { BENCH_LIMITS } from '../limits.ts';
import type { LoadUpstream } from '../load/upstream.ts';
import type { Method } from '../method/result.ts';
import { measureRounds, type Pairing } from '../method/rounds.ts';
import { SCENARIOS, type Scenario } from '../method/scenario.ts';
import { type RoundsPart, VARIANTS } from './result.ts';
import { rawWith } from './subjects.ts';

/** What all parts are measured with. */
export interface CacheStage {
  readonly upstream: LoadUpstream;
  readonly method: Method;
  /** One line about each step. */
  readonly onProgress: (line: string) => void;
}

/** Cached answers over UDP, as many as can be had, beside a bare echo. */
export function measureHits(subjects: readonly Subject[], stage: CacheStage): Promise<RoundsPart> {
  return measure(pairingsOf(CACHED_SATURATED, subjects), stage);
}

/** The same at a rate that all can serve, with the latency of each query. */
export function measureRate(subjects: readonly Subject[], stage: CacheStage): Promise<RoundsPart> {
  return measure(pairingsOf(CACHED_FIXED, subjects), stage);
}

/** Every name new: without a cache, with the default one, and with one that has to give up an entry for each new one. */
export function measureMiss(stage: CacheStage): Promise<RoundsPart> {
  const small = ['--cache-max-bytes', String(BENCH_LIMITS.smallCacheBytes.default)];
  return measure(
    [
      { scenario: NEW, subject: rawWith(VARIANTS.cacheOff, ['--no-cache']) },
      { scenario: NEW_KEPT, subject: rawWith(VARIANTS.cacheOn, []) },
      { scenario: NEW_KEPT, subject: rawWith(VARIANTS.cacheFull, small) },
    ],
    stage,
  );
}

/** Every name new, at a rate that leaves the forwarder time: what the cache costs where it is usually run. */
export function measureMissAtRate(stage: CacheStage): Promise<RoundsPart> {
  return measure(
    [
      { scenario: NEW_FIXED, subject: rawWith(VARIANTS.cacheOff, ['--no-cache']) },
      { scenario: NEW_KEPT_FIXED, subject: rawWith(VARIANTS.cacheOn, []) },
    ],
    stage,
  );
}

/** Every name new and not listed, without a cache, so that a look-up in the list is all that differs. */
export function measureLookUp(listFile: string, stage: CacheStage): Promise<RoundsPart> {
  return measure(
    [
      { scenario: NEW, subject: rawWith(VARIANTS.noList, ['--no-cache']) },
      { scenario: NEW, subject: rawWith(VARIANTS.withList, ['--no-cache', '--block-file', listFile]) },
    ],
    stage,
  );
}

async function measure(pairings: readonly Pairing[], stage: CacheStage): Promise<RoundsPart> {
  const { method } = stage;
  return { method, ...(await measureRounds({ ...stage, pairings })) };
}

export const CACHED_SATURATED = scenarioOf('end-to-end.udp.cached.saturated');
export const CACHED_FIXED = scenarioOf('end-to-end.udp.cached.fixed');
export const NEW = scenarioOf('end-to-end.udp.new.saturated');
export const NEW_KEPT = scenarioOf('end-to-end.udp.new-kept.saturated');
export const NEW_FIXED = scenarioOf('end-to-end.udp.new.fixed');
export const NEW_KEPT_FIXED = scenarioOf('end-to-end.udp.new-kept.fixed');

function scenarioOf(id: Scenario['id']): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.id === id);
  if (found === undefined) throw new Error(`no scenario is called "${id}"`);
  return found;
}
