import { type ConformanceCase, sectionOf, titleOf } from '../case.ts';
import type { CaseResult } from '../runner.ts';

/** A subject and how it did. */
export interface GradedSubject {
  readonly name: string;
  readonly version: string;
  /** It is the work of another project. */
  readonly peer: boolean;
  readonly results: readonly CaseResult[];
}

/** One row of the matrix: a case, and a cell for each subject. */
export interface MatrixRow {
  readonly id: string;
  readonly level: string;
  readonly title: string;
  /** Why no peer passes it, where that is known. */
  readonly oursAlone: string | undefined;
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
    return [{ id: each.id, level: each.level, title: titleOf(each), oursAlone: each.oursAlone, cells }];
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

/** What the peers say about the cases; a peer alone says little, so it takes two. */
export interface PeerFindings {
  /** Applicable to some peer and passed by none of them, over one transport at least, with no reason given. */
  readonly unexplained: readonly string[];
  /** Said to be passed by none of them, and passed by one over every transport. */
  readonly contradicted: readonly string[];
}

/** @returns keys, as `H6 udp`, and case ids. */
export function peerFindings(subjects: readonly GradedSubject[]): PeerFindings {
  const peers = subjects.filter((subject) => subject.peer);
  if (peers.length < 2) return { unexplained: [], contradicted: [] };
  const byKey = Map.groupBy(
    peers.flatMap(({ results }) => results).filter(({ verdict }) => verdict !== 'not applicable'),
    ({ key }) => key,
  );
  const unpassed = [...byKey].filter(([, results]) => results.every(({ verdict }) => verdict === 'fail'));
  const unpassedIds = new Set(unpassed.map(([, results]) => results[0]?.id));
  const explained = [...byKey.values()].flatMap(([first]) =>
    first?.oursAlone === undefined ? [] : [first.id],
  );
  return {
    unexplained: unpassed.flatMap(([key, [first]]) => (first?.oursAlone === undefined ? [key] : [])),
    contradicted: [...new Set(explained)].filter((id) => !unpassedIds.has(id)),
  };
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
