import { BENCH_LIMITS } from '../limits.ts';
import { methodLines } from '../report/method-text.ts';
import { markdownTable } from '../report/text-table.ts';
import type { CacheResult } from './result.ts';
import { cacheTables } from './tables.ts';

/** `docs/CACHE.md`. */
export function cachePage(result: CacheResult): string {
  const { hits, rate, miss, blocked } = result.parts;
  const method = (hits ?? rate ?? miss ?? blocked?.lookUp)?.method;
  const sections = cacheTables(result).map(
    ({ title, cells, notes }) =>
      `## ${title}\n\n${markdownTable(cells)}\n${notes.length === 0 ? '' : `\n${listOf(notes)}\n`}`,
  );
  const lines = [
    ...(method === undefined ? [] : methodLines(result.environment, method, result.upstream)),
    `Where raw is compared with itself there are more rounds than that, as many as pairs are stated, and the warm-up is one of ${BENCH_LIMITS.pairWarmUpSeconds.default} s or ${BENCH_LIMITS.pairWarmUpQueries.default} queries: a process that goes on compiling its code is not compared. The hit rate is counted with the test bed’s upstream in place of dnsdist, which cannot be asked for what it was asked.`,
    ...result.failures.map((failure) => `Failed: ${failure}.`),
  ];
  return `# Answers without asking

<!-- Written by \`pnpm --filter bench caching --write-docs\`. Do not edit. -->

What answers from memory, misses, a full cache and long block lists cost.

${sections.join('\n')}
## How it was measured

${listOf(lines)}
`;
}

function listOf(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}
