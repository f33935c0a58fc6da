import type { SpeedResult } from '../speed-result.ts';
import { methodLines } from './method-text.ts';
import { scenarioTables } from './scenario-table.ts';
import { markdownTable } from './text-table.ts';

/** The page with the figures, in Markdown. */
export function speedPage(result: SpeedResult): string {
  const tables = scenarioTables(result).map(
    ({ title, cells }) => `## ${title[0]?.toUpperCase()}${title.slice(1)}\n\n${markdownTable(cells)}\n`,
  );
  const method = methodLines(result.environment, result.method, result.upstream);
  const failures = result.failures.map((failure) => `Failed: ${failure}.`);
  return `# Speed

<!-- Written by \`pnpm --filter bench speed --write-docs\`. Do not edit. -->

What it costs to forward a query over UDP to DNS over TLS, on one core.

${tables.join('\n')}
## How it was measured

${[...method, ...failures].map((line) => `- ${line}`).join('\n')}
`;
}
