import { type ConformanceCase, sectionOf, titleOf } from '../case.ts';
import type { CaseResult } from '../runner.ts';

/** A subject and how it did. */
export interface GradedSubject {
  readonly name: string;
  readonly version: string;
  readonly results: readonly CaseResult[];
}

/** One row of the matrix: a case, and a cell for each subject. */
export interface MatrixRow {
  readonly id: string;
  readonly level: string;
  readonly title: string;
  readonly cells: readonly string[];
}

export const SECTIONS: Readonly<Record<string, string>> = {
  U: 'UDP listener',
  T: 'TCP listener',
  H: 'Messages',
  E: 'EDNS',
  C: 'Truncation',
  R: 'Errors',
  K: 'Cache and coalescing',
  A: 'Upstream identity and privacy',
  P: 'Upstream connections',
  N: 'Special names',
  S: 'Security',
  Z: 'Start, drain, stop',
};

/** A row for each case that at least one subject was graded by, in the order of the cases. */
export function matrixOf(cases: readonly ConformanceCase[], subjects: readonly GradedSubject[]): MatrixRow[] {
  return cases.flatMap((each) => {
    const cells = subjects.map(({ results }) => cellOf(results.filter((result) => result.id === each.id)));
    if (cells.every((cell) => cell === '')) return [];
    return [{ id: each.id, level: each.level, title: titleOf(each), cells }];
  });
}

/** `passed/applicable` for each subject, by section. */
export function countsOf(
  subjects: readonly GradedSubject[],
): { section: string; title: string; cells: string[] }[] {
  return Object.entries(SECTIONS).map(([section, title]) => ({
    section,
    title,
    cells: subjects.map(({ results }) =>
      countOf(results.filter((result) => sectionOf(result.id) === section)),
    ),
  }));
}

/** `passed/applicable`. */
export function countOf(results: readonly CaseResult[]): string {
  const applicable = results.filter((result) => result.verdict !== 'not applicable');
  return `${applicable.filter((result) => result.verdict === 'pass').length}/${applicable.length}`;
}

/** Cases that are applicable to some subject and that none of them passes: they, or all subjects, are wrong. */
export function suspectsOf(rows: readonly MatrixRow[]): MatrixRow[] {
  return rows.filter(
    ({ cells }) => cells.every((cell) => cell !== 'pass') && cells.some((cell) => cell.startsWith('fail')),
  );
}

/** `pass`, `fail`, `fail udp` when it passes over the other transport, `-` when not applicable, empty when not run. */
function cellOf(results: readonly CaseResult[]): string {
  const applicable = results.filter((result) => result.verdict !== 'not applicable');
  if (results.length === 0) return '';
  if (applicable.length === 0) return '-';
  const failed = applicable.filter((result) => result.verdict === 'fail');
  if (failed.length === 0) return 'pass';
  return failed.length === applicable.length
    ? 'fail'
    : `fail ${failed.map((result) => result.transport).join(' ')}`;
}
