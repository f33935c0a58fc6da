/** `pnpm compare`: every way of forwarding side by side, as tables, a Markdown page and a page with plots. */
import { existsSync, readFileSync } from 'node:fs';
import { progress } from '../command.ts';
import { BENCH_LIMITS } from '../limits.ts';
import { pinThisProcess } from '../method/environment.ts';
import { BenchOptionError } from '../options.ts';
import { subjectTables } from '../report/comparison-tables.ts';
import { scenarioTables } from '../report/scenario-table.ts';
import { plainTable } from '../report/text-table.ts';
import { compare } from './compare.ts';
import { readConformance } from './conformance.ts';
import { type CompareOptions, HELP, readCompareOptions } from './options.ts';
import { FULL, QUICK } from './plan.ts';
import type { Comparison } from './result.ts';
import { servePage } from './serve.ts';
import { CHECKOUT, PAGE_FILE, RESULT_FILE, writeComparison, writePages } from './write.ts';

try {
  const options = readCompareOptions(process.argv.slice(2));
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  if (options.help) process.stdout.write(HELP);
  else await follow(options, process.argv.length);
} catch (error) {
  if (!(error instanceof BenchOptionError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function follow(options: CompareOptions, argumentCount: number): Promise<void> {
  const openAlone = options.open && argumentCount === 3 && existsSync(PAGE_FILE);
  if (options.pagesOnly) report(await writePages(lastResult()));
  else if (!openAlone) await measure(options);
  if (options.open) console.log(`listening on ${await servePage(PAGE_FILE)} (Ctrl+C ends it)`);
}

async function measure({ full, subjects, write }: CompareOptions): Promise<void> {
  pinThisProcess(BENCH_LIMITS.loadCore.default);
  const plan = full ? FULL : QUICK;
  const startedAt = performance.now();
  const onProgress = (line: string) => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    progress(`${String(seconds).padStart(5)} s  ${line}`);
  };
  const comparison = await compare({ plan, subjects, conformance: readConformance(CHECKOUT), onProgress });
  show(comparison);
  if (write) report(await writeComparison(comparison));
}

function show(comparison: Comparison): void {
  for (const { title, cells } of [...scenarioTables(comparison), ...subjectTables(comparison)]) {
    console.log(`\n${title}\n\n${plainTable(cells)}`);
  }
  for (const failure of comparison.failures) console.log(`failed: ${failure}`);
}

function report(written: readonly string[]): void {
  console.log(`\nwritten: ${written.join(', ')}`);
}

function lastResult(): Comparison {
  if (!existsSync(RESULT_FILE))
    throw new BenchOptionError('there is no results/latest.json: run `pnpm compare` first');
  const comparison: Comparison = JSON.parse(readFileSync(RESULT_FILE, 'utf8'));
  return comparison;
}
