import { conformanceText } from '../compare/conformance.ts';
import type { ComparedSubject, Comparison } from '../compare/result.ts';
import { BENCH_LIMITS } from '../limits.ts';
import { SCENARIOS, titleOf } from '../method/scenario.ts';
import { median, ratioOf } from '../method/statistics.ts';
import { cpuByRound, ratioText } from './scenario-table.ts';
import { markdownTable } from './text-table.ts';

/** The scenarios whose CPU says most, and what their columns are called. */
const COLUMNS: readonly (readonly [scenario: string, title: string])[] = [
  ['end-to-end.udp.new.saturated', 'new names'],
  ['end-to-end.udp.new.fixed', 'new names, fixed rate'],
  ['end-to-end.udp.cached.saturated', 'cached'],
  ['end-to-end.tcp.new.saturated', 'new names, TCP'],
];

/** The block of README.md: CPU for each query, a row for each subject. */
export function readmeBlock(comparison: Comparison): string {
  const columns = COLUMNS.filter(([id]) => comparison.rows.some((row) => row.scenario === id));
  const head = ['CPU µs for each query', ...columns.map(([, title]) => title), 'idle RSS MiB', 'conformance'];
  const body = comparison.subjects.map((subject) => [
    subject.name,
    ...columns.map(([id]) => cpuText(comparison, subject.name, id)),
    subject.idleBytes.length === 0 ? '–' : (median(subject.idleBytes) / 2 ** 20).toFixed(0),
    conformanceText(comparison.conformance, subject.name),
  ]);
  const { environment, method } = comparison;
  return `${markdownTable([head, ...body])}

Median of ${method.rounds} rounds on one core of ${environment.cpu}, Node ${environment.node}, ${environment.date}; fixed rate: ${method.fixedRate} queries a second. All figures, with their spread, and how they were measured: [docs/COMPARISON.md](docs/COMPARISON.md).`;
}

/** The block of docs/CHOOSING.md: how the three ways stand to each other. */
export function choosingBlock(comparison: Comparison): string {
  const [base, ...others] = comparison.subjects.filter(({ kind }) => kind === 'tridot');
  if (base === undefined) return 'Nothing has been measured.';
  const rows = SCENARIOS.filter(({ id }) =>
    comparison.rows.some((row) => row.scenario === id && row.subject === base.name),
  ).map((scenario) => {
    const cpu = cpuOf(comparison, base.name, scenario.id);
    return [
      titleOf(scenario),
      text(cpu),
      ...others.map(({ name }) =>
        ratioText(ratioOf(cpuOf(comparison, name, scenario.id), cpu, BENCH_LIMITS.noiseFloor.default)),
      ),
    ];
  });
  const counted = (title: string, pick: (subject: ComparedSubject) => string) => [
    title,
    ...[base, ...others].map(pick),
  ];
  return `${markdownTable([['CPU of a query', `${base.name}, µs`, ...others.map(({ name }) => `${name}, × ${base.name}`)], ...rows])}

${markdownTable([
  ['', base.name, ...others.map(({ name }) => name)],
  counted('lines of code', ({ codeLines }) => String(codeLines)),
  counted('lines beneath', ({ codeLinesBeneath }) => String(codeLinesBeneath)),
  counted('dependencies of its own', ({ dependenciesOfItsOwn }) => String(dependenciesOfItsOwn)),
  counted('fences', ({ fences }) => String(fences)),
  counted('conformance', ({ name }) => conformanceText(comparison.conformance, name)),
  counted('first answer, ms', ({ firstAnswerMs }) => text(firstAnswerMs, 0)),
  counted('idle RSS, MiB', ({ idleBytes }) =>
    text(
      idleBytes.map((bytes) => bytes / 2 ** 20),
      0,
    ),
  ),
])}`;
}

function cpuText(comparison: Comparison, subject: string, id: string): string {
  return text(cpuOf(comparison, subject, id));
}

function cpuOf({ rows, method }: Comparison, subject: string, id: string): number[] {
  const scenario = SCENARIOS.find((each) => each.id === id);
  const row = rows.find((each) => each.subject === subject && each.scenario === id);
  return scenario === undefined ? [] : cpuByRound(row, scenario, method);
}

function text(values: readonly number[], digits = 1): string {
  const known = values.filter((value) => Number.isFinite(value));
  return known.length === 0 ? '–' : median(known).toFixed(digits);
}
