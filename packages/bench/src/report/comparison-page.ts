import type { Comparison } from '../compare/result.ts';
import { subjectTables } from './comparison-tables.ts';
import { methodLines } from './method-text.ts';
import { type ReportTable, scenarioTables } from './scenario-table.ts';
import { markdownTable } from './text-table.ts';

/** `docs/COMPARISON.md`. */
export function comparisonPage(comparison: Comparison): string {
  const { environment, method, upstream, failures, subjects } = comparison;
  const remarks = subjects.flatMap(({ name, gate }) =>
    [...gate.failures.map((line) => `red: ${line}`), ...gate.remarks].map((line) => `${name}: ${line}`),
  );
  return `# Comparison

<!-- Written by \`pnpm compare\`. Do not edit. -->

What each way of serving DNS costs, measured in one run${comparison.effort === 'quick' ? ' (quick: short runs, few rounds; `pnpm compare --full` measures everything)' : ''}.
\`docs/comparison.html\` shows the same with plots, and opens without a network. \`docs/CHOOSING.md\` says what follows from it.

## Subjects

${tableOf(subjectTables(comparison), 'subjects')}

- Gate: what a subject must do before its speed says anything (right answers over UDP and TCP, none mixed up, alive after garbage). Ours must also pass the conformance suite. A red one gets no figures.
- First answer: from the start of the process to the first answer over UDP, TLS handshake included.
- Lines of code have no blanks and no comments. Beneath: the framework, or the library and its dependencies.
- Installed: the files of a production install of ours without Node, which is ${(comparison.nodeBytes / 2 ** 20).toFixed(0)} MiB; of others the Debian package without its libraries.
${remarks.map((line) => `- ${line}.\n`).join('')}
## Whole forwarder

${tablesOf(scenarioTables(comparison), 'end-to-end')}
## Listener alone

The same sockets with a handler that answers from memory. \`echo\` is bare \`node:dgram\`: the floor.

${tablesOf(scenarioTables(comparison), 'listener')}
## Low rate

${captionOf(subjectTables(comparison), 'low-rate')} Handshakes are TLS handshakes for each 1000 queries.

${tableOf(subjectTables(comparison), 'low-rate')}

## Codec

\`wire\` is our walk over the octets. \`read\` finds the question and sees that the records are sound; \`pass-on\` makes the same message ready to be sent with another ID.

${tableOf(subjectTables(comparison), 'codec')}

${tableOf(subjectTables(comparison), 'fidelity')}

## How it was measured

${[...methodLines(environment, method, upstream), ...failures.map((line) => `Failed: ${line}.`)].map((line) => `- ${line}`).join('\n')}
`;
}

function tablesOf(tables: readonly ReportTable[], level: string): string {
  return tables
    .filter(({ id }) => id.startsWith(`${level}.`))
    .map(
      ({ title, cells }) => `### ${capitalized(title.replace(/^[^,]+, /, ''))}\n\n${markdownTable(cells)}\n`,
    )
    .join('\n');
}

function tableOf(tables: readonly ReportTable[], id: string): string {
  const table = tables.find((each) => each.id === id);
  return table === undefined ? '' : markdownTable(table.cells);
}

function captionOf(tables: readonly ReportTable[], id: string): string {
  const title = tables.find((each) => each.id === id)?.title ?? '';
  return `${capitalized(title)}.`;
}

function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
