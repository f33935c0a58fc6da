/**
 * How much of a stream of names a small cache answers by itself.
 *
 *   Zipf ──► names ──► dnsperf ──► subject with a small cache ──► upstream that counts
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Subject } from '@tridot/peers';
import { BENCH_LIMITS } from '../limits.ts';
import { runDnsperf } from '../load/dnsperf.ts';
import { nameOf } from '../load/names.ts';
import { type LoadUpstream, startCountingUpstream } from '../load/upstream.ts';
import { firstLineOf } from '../method/first-line.ts';
import { startSubject } from '../method/measure.ts';
import { readProcess } from '../method/process-figures.ts';
import type { HitRatePart, HitRateRow } from './result.ts';
import type { CacheStage } from './rounds-parts.ts';
import { subjectsWithCacheOf } from './subjects.ts';
import { createZipf } from './zipf.ts';

/** Fills the cache with one half of the stream and counts the other. */
export async function measureHitRate(
  queries: number,
  { method, onProgress }: Omit<CacheStage, 'upstream'>,
): Promise<HitRatePart> {
  const cacheBytes = BENCH_LIMITS.smallCacheBytes.default;
  const zipf = {
    universe: BENCH_LIMITS.zipfUniverse.default,
    exponent: BENCH_LIMITS.zipfExponent.default,
    seed: BENCH_LIMITS.zipfSeed.default,
  };
  const draw = createZipf(zipf);
  const filling = Array.from({ length: queries }, draw);
  const counted = Array.from({ length: queries }, draw);
  const rows: HitRateRow[] = [];
  const failures: string[] = [];
  for (const subject of subjectsWithCacheOf(cacheBytes)) {
    // One upstream for each, since what it counts is all that it was asked.
    const upstream = await startCountingUpstream();
    try {
      const row = await countHits(subject, upstream, { filling, counted }, method);
      rows.push(row);
      onProgress(`${subject.name}: ${(row.hitRate * 100).toFixed(2)} % of ${row.asked}, ${row.lost} lost`);
    } catch (error) {
      const line = firstLineOf(error);
      failures.push(`hit-rate: ${subject.name}: ${line}`);
      onProgress(`${subject.name}: ${line}`);
    } finally {
      await upstream.stop();
    }
  }
  return { cacheBytes, ...zipf, queries, ceiling: ceilingOf(filling, counted), rows, failures };
}

/** Share of queries that no upstream saw. */
export function hitRateOf(asked: number, atUpstream: number): number {
  return asked === 0 ? Number.NaN : 1 - atUpstream / asked;
}

/** Share of the second part whose name came before: what a cache without bound answers, as long as no TTL ends. */
export function ceilingOf(filling: readonly number[], counted: readonly number[]): number {
  const known = new Set(filling);
  const before = known.size;
  for (const rank of counted) known.add(rank);
  return hitRateOf(counted.length, known.size - before);
}

interface Stream {
  readonly filling: readonly number[];
  readonly counted: readonly number[];
}

async function countHits(
  subject: Subject,
  upstream: LoadUpstream,
  { filling, counted }: Stream,
  method: CacheStage['method'],
): Promise<HitRateRow> {
  const running = await startSubject(subject, true, upstream, method);
  let end: string | null = null;
  void running.ended.then((reason) => {
    end = reason;
  });
  const ask = async (ranks: readonly number[]) => {
    const namesFile = join(upstream.directory, 'zipf.names');
    writeFileSync(namesFile, `${ranks.map((rank) => `${nameOf('z', rank)} A`).join('\n')}\n`);
    const { clients, loadCore: core } = method;
    const { directory } = upstream;
    const inFlight = BENCH_LIMITS.zipfInFlight.default;
    const load = { namesFile, clients, inFlight, core, directory, port: running.port };
    // Without an end dnsperf would wait for each of the queries to a subject that is gone.
    const seconds = BENCH_LIMITS.zipfSeconds.default;
    const figures = await runDnsperf({ ...load, seconds, rate: 0, passes: 1 });
    const asked = figures.completed + figures.lost;
    if (end !== null) throw new Error(`ended meanwhile: ${end}`);
    if (asked < ranks.length) throw new Error(`only ${asked} of ${ranks.length} queries in ${seconds} s`);
    return figures;
  };
  try {
    const idleResidentBytes = readProcess(running.pid).residentBytes;
    await ask(filling);
    const before = upstream.queries() ?? 0;
    const { completed, lost } = await ask(counted);
    const atUpstream = (upstream.queries() ?? 0) - before;
    const asked = completed + lost;
    const { residentBytes } = readProcess(running.pid);
    const hitRate = hitRateOf(asked, atUpstream);
    return { subject: subject.name, asked, lost, atUpstream, hitRate, residentBytes, idleResidentBytes };
  } finally {
    await running.stop();
  }
}
