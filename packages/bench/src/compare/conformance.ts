import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Who fulfils what, as the conformance command found it. */
export interface ConformanceMatrix {
  /** The day of the grading. */
  readonly date: string;
  readonly cases: readonly MatrixCase[];
  readonly subjects: readonly MatrixSubject[];
}

export interface MatrixCase {
  readonly id: string;
  readonly section: string;
  readonly level: string;
  readonly title: string;
}

/** `mixed`: fails over one transport and passes over the other. `none`: not applicable, or not graded. */
export type MatrixVerdict = 'pass' | 'fail' | 'mixed' | 'none';

export interface MatrixSubject {
  readonly name: string;
  readonly version: string;
  /** One for each case. */
  readonly verdicts: readonly MatrixVerdict[];
  /** Failures that it is not declared to have. */
  readonly undeclared: number;
}

/** What the conformance command writes for `--json`, as far as it is used here. */
interface GradedFile {
  readonly subjects: readonly {
    readonly name: string;
    readonly version: string;
    readonly results: readonly GradedCase[];
  }[];
}

interface GradedCase {
  readonly id: string;
  readonly section: string;
  readonly level: string;
  readonly title: string;
  readonly verdict: 'pass' | 'fail' | 'not applicable';
  readonly deviation?: string;
}

/** Where the result of `pnpm conformance --json FILE` may lie in a checkout. */
const FILES = ['results/conformance.json', 'docs/CONFORMANCE.json'];

/** The last grading that is in the checkout; null: none. */
export function readConformance(checkout: string): ConformanceMatrix | null {
  const file = FILES.map((name) => join(checkout, name)).find((path) => existsSync(path));
  if (file === undefined) return null;
  const graded: GradedFile = JSON.parse(readFileSync(file, 'utf8'));
  return matrixOf(graded, statSync(file).mtime.toISOString().slice(0, 10));
}

export function matrixOf({ subjects }: GradedFile, date: string): ConformanceMatrix {
  const cases = new Map<string, MatrixCase>();
  for (const { results } of subjects) {
    for (const { id, section, level, title } of results) cases.set(id, { id, section, level, title });
  }
  return {
    date,
    cases: [...cases.values()],
    subjects: subjects.map(({ name, version, results }) => ({
      ...{ name, version },
      verdicts: [...cases.keys()].map((id) => verdictOf(results.filter((result) => result.id === id))),
      undeclared: results.filter((each) => each.verdict === 'fail' && each.deviation === undefined).length,
    })),
  };
}

/** `102 of 110`, or `not graded`. */
export function conformanceText(matrix: ConformanceMatrix | null, name: string): string {
  const subject = matrix?.subjects.find((each) => each.name === name);
  if (subject === undefined) return 'not graded';
  const applicable = subject.verdicts.filter((verdict) => verdict !== 'none');
  return `${applicable.filter((verdict) => verdict === 'pass').length} of ${applicable.length}`;
}

function verdictOf(results: readonly GradedCase[]): MatrixVerdict {
  const applicable = results.filter(({ verdict }) => verdict !== 'not applicable');
  if (applicable.length === 0) return 'none';
  const failed = applicable.filter(({ verdict }) => verdict === 'fail').length;
  if (failed === 0) return 'pass';
  return failed === applicable.length ? 'fail' : 'mixed';
}
