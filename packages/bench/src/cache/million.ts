import { BENCH_LIMITS } from '../limits.ts';
import { runDnsperf } from '../load/dnsperf.ts';
import { writeNameFile } from '../load/names.ts';
import { judgeMemory, type MemorySample } from '../memory.ts';
import { startSubject } from '../method/measure.ts';
import { readProcess } from '../method/process-figures.ts';
import type { MillionPart } from './result.ts';
import type { CacheStage } from './rounds-parts.ts';
import { rawWith } from './subjects.ts';

/** Resident memory of raw with its default cache, while names that are all different go through it. */
export async function measureMillion(
  names: number,
  { upstream, method, onProgress }: CacheStage,
): Promise<MillionPart> {
  const perHalf = BENCH_LIMITS.memorySamples.default;
  const { clients, inFlight, loadCore: core } = method;
  const { directory } = upstream;
  const running = await startSubject(rawWith('raw', []), true, upstream, method);
  const samples: MemorySample[] = [];
  let queries = 0;
  const sample = () => {
    const { residentBytes, peakResidentBytes } = readProcess(running.pid);
    samples.push({ queries, residentBytes, peakResidentBytes });
    onProgress(`${queries} names, ${(residentBytes / 2 ** 20).toFixed(1)} MiB`);
  };
  try {
    sample();
    for (let part = 0; part < perHalf * 2; part += 1) {
      const namesFile = writeNameFile(directory, `m${part}-`, Math.round(names / perHalf));
      const load = { namesFile, clients, inFlight, core, directory, port: running.port };
      queries += (await runDnsperf({ ...load, seconds: 0, rate: 0, passes: 1 })).completed;
      sample();
    }
  } finally {
    await running.stop();
  }
  return { samples, verdict: judgeMemory(samples.slice(1), BENCH_LIMITS.memoryGrowth.default) };
}
