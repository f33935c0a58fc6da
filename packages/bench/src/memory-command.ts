/** `pnpm --filter bench memory`: resident memory over a million queries, and whether it is flat over another million. */

import type { Subject } from '@tridot/peers';
import { progress, runCommand } from './command.ts';
import { BENCH_LIMITS } from './limits.ts';
import { runDnsperf } from './load/dnsperf.ts';
import { writeNameFile } from './load/names.ts';
import { type LoadUpstream, startLoadUpstream } from './load/upstream.ts';
import { judgeMemory, type MemorySample } from './memory.ts';
import { describeEnvironment } from './method/environment.ts';
import { startSubject } from './method/measure.ts';
import { readProcess } from './method/process-figures.ts';
import type { Method } from './method/result.ts';
import { plainTable } from './report/text-table.ts';

await runCommand({
  defaultSubjects: ['raw'],
  run: async ({ subjects, method, queries }) => {
    const upstream = await startLoadUpstream(method.loadCore);
    try {
      const rows = [];
      for (const subject of subjects) {
        const samples = await sampleMemory(subject, upstream, queries, method);
        const verdict = judgeMemory(samples, BENCH_LIMITS.memoryGrowth.default);
        rows.push({ subject: subject.name, samples, verdict });
        console.log(`\n${subject.name}\n\n${plainTable(cellsOf(samples))}\n`);
        console.log(
          `${verdict.flat ? 'flat' : 'NOT FLAT'}: median ${mebibytes(verdict.before)} MiB at the end of the first half, ` +
            `${mebibytes(verdict.after)} MiB at the end (${(verdict.growth * 100).toFixed(1)} %)`,
        );
      }
      return { kind: 'memory', environment: describeEnvironment(method.nodeFlags), rows };
    } finally {
      await upstream.stop();
    }
  },
});

/** Loads a fresh process in equal parts and reads its memory after each. */
async function sampleMemory(
  subject: Subject,
  upstream: LoadUpstream,
  queries: number,
  method: Method,
): Promise<MemorySample[]> {
  const perHalf = BENCH_LIMITS.memorySamples.default;
  const namesFile = writeNameFile(upstream.directory, 'm', Math.round(queries / perHalf));
  const { clients, inFlight, loadCore: core } = method;
  const { directory } = upstream;
  const running = await startSubject(subject, false, upstream, method);
  const samples: MemorySample[] = [];
  let completed = 0;
  try {
    for (let part = 0; part < perHalf * 2; part += 1) {
      const load = { namesFile, clients, inFlight, core, directory, port: running.port };
      const figures = await runDnsperf({ ...load, seconds: 0, rate: 0, passes: 1 });
      completed += figures.completed;
      const { residentBytes, peakResidentBytes } = readProcess(running.pid);
      samples.push({ queries: completed, residentBytes, peakResidentBytes });
      progress(`${subject.name}: ${completed} queries, ${mebibytes(residentBytes)} MiB`);
    }
  } finally {
    await running.stop();
  }
  return samples;
}

function cellsOf(samples: readonly MemorySample[]): string[][] {
  const body = samples.map((sample) => [
    String(sample.queries),
    mebibytes(sample.residentBytes),
    mebibytes(sample.peakResidentBytes),
  ]);
  return [['queries', 'RSS MiB', 'peak MiB'], ...body];
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
