import type { ConformanceCase } from '../case.ts';
import { countOf, countsOf, type GradedSubject, matrixOf, peerFindings, suspectsOf } from './matrix.ts';

/** The matrix for a terminal: counts for each section, and each case that not every subject passes. */
export function terminalReport(
  cases: readonly ConformanceCase[],
  subjects: readonly GradedSubject[],
): string {
  const rows = matrixOf(cases, subjects);
  const names = subjects.map((subject) => subject.name);
  const shown =
    subjects.length === 1 ? rows : rows.filter((row) => row.cells.some((cell) => cell.startsWith('fail')));
  const lines = [
    ...table(
      ['case', ...names, ''],
      shown.map((row) => [row.id, ...row.cells, row.title]),
    ),
    '',
    ...table(
      ['section', ...names],
      [
        ...countsOf(subjects).map(({ section, title, cells }) => [`${section} ${title}`, ...cells]),
        ['all', ...subjects.map(({ results }) => countOf(results))],
      ],
    ),
  ];
  const suspects = suspectsOf(rows);
  if (suspects.length > 0 && subjects.length > 1) {
    lines.push('', `passed by no subject: ${suspects.map((row) => row.id).join(', ')}`);
  }
  const { unexplained, contradicted } = peerFindings(subjects);
  if (unexplained.length > 0)
    lines.push('', `passed by no peer, and no reason given: ${unexplained.join(', ')}`);
  if (contradicted.length > 0)
    lines.push('', `said to be passed by no peer, and passed by one: ${contradicted.join(', ')}`);
  return `${lines.join('\n')}\n`;
}

/** The reasons of a subject's failures, for people who want to mend them. */
export function failures({ name, results }: GradedSubject): string[] {
  return results
    .filter((result) => result.verdict === 'fail')
    .map(
      (result) =>
        `${name} ${result.key}: ${result.title}\n    ${(result.reason ?? '').replaceAll('\n', '\n    ')}`,
    );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
