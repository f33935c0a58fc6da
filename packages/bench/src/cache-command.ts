/** `pnpm --filter bench caching`: what answers from memory cost, and what the cache and long block lists cost the others. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CACHE_SUBJECTS, measureParts } from './cache/measure-parts.ts';
import { type CacheOptions, HELP, readCacheOptions } from './cache/options.ts';
import { cachePage } from './cache/page.ts';
import type { CacheResult } from './cache/result.ts';
import { cacheTables } from './cache/tables.ts';
import { progress } from './command.ts';
import { startLoadUpstream } from './load/upstream.ts';
import { describeEnvironment, pinThisProcess } from './method/environment.ts';
import { BenchOptionError, named } from './options.ts';
import { plainTable } from './report/text-table.ts';

const PAGE = fileURLToPath(new URL('../../../docs/CACHE.md', import.meta.url));

try {
  const options = readCacheOptions(process.argv.slice(2));
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  if (options.help) process.stdout.write(HELP);
  else report(await measure(options), options);
} catch (error) {
  if (!(error instanceof BenchOptionError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function measure(options: CacheOptions): Promise<CacheResult> {
  const environment = describeEnvironment(options.method.nodeFlags);
  pinThisProcess(options.method.loadCore);
  const upstream = await startLoadUpstream(options.method.loadCore);
  try {
    const measured = await measureParts(options, { upstream, onProgress: progress });
    const subjects = named(CACHE_SUBJECTS).filter((subject) => subject.installed());
    return {
      kind: 'cache',
      environment,
      upstream: upstream.description,
      subjects: subjects.map((subject) => ({ name: subject.name, version: subject.version() })),
      ...measured,
    };
  } finally {
    await upstream.stop();
  }
}

function report(result: CacheResult, { jsonFile, writeDocs }: CacheOptions): void {
  for (const { title, cells, notes } of cacheTables(result)) {
    console.log(`\n${title}\n\n${plainTable(cells)}`);
    for (const note of notes) console.log(`  ${note}`);
  }
  for (const failure of result.failures) console.log(`failed: ${failure}`);
  if (jsonFile !== null) writeFileSync(jsonFile, `${JSON.stringify(result, null, 2)}\n`);
  if (writeDocs) writeFileSync(PAGE, cachePage(result));
}
