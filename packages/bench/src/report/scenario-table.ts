import { BENCH_LIMITS } from '../limits.ts';
import type { Method, RunFigures, SpeedRow } from '../method/result.ts';
import { SCENARIOS, type Scenario, titleOf } from '../method/scenario.ts';
import { median, type Ratio, ratioOf, summarize } from '../method/statistics.ts';
import type { Cells } from './text-table.ts';

/** What tables of scenarios are made from. */
export interface TableSource {
  readonly method: Method;
  readonly subjects: readonly { readonly name: string; readonly version: string }[];
  readonly rows: readonly SpeedRow[];
}

/** One table: what it is about, and its cells. */
export interface ReportTable {
  readonly id: string;
  readonly title: string;
  readonly cells: Cells;
}

/** Who ratios are given to, where they were measured. */
const REFERENCES: Record<Scenario['level'], readonly string[]> = {
  'end-to-end': ['kresd', 'unbound', 'echo'],
  listener: ['raw', 'echo'],
};

/** A table for each scenario that was run: cheapest first, with ratios of CPU to the references. */
export function scenarioTables(source: TableSource): ReportTable[] {
  return SCENARIOS.filter((scenario) => source.rows.some((row) => row.scenario === scenario.id)).map(
    (scenario) => ({
      id: scenario.id,
      title: titleWithRate(scenario, source.method),
      cells: scenarioCells(scenario, source),
    }),
  );
}

/** The text of a ratio: `0.82`, or `≈ 0.98` when it is within noise; a dash when there is none. */
export function ratioText(ratio: Ratio | null): string {
  if (ratio === null) return '–';
  return `${ratio.withinNoise ? '≈ ' : ''}${ratio.median.toFixed(2)}`;
}

/**
 * CPU by round; NaN for rounds that failed, that brought failures, or in which the subject could not serve the fixed
 * rate.
 */
export function cpuByRound(row: SpeedRow | undefined, scenario: Scenario, method: Method): number[] {
  const enough = scenario.load === 'fixed' ? method.fixedRate * BENCH_LIMITS.fixedRateShare.default : 0;
  return (row?.rounds ?? []).map((run) => {
    if (run === null || run.queriesPerSecond < enough) return Number.NaN;
    const bad = run.failed + run.lost;
    return bad > (run.completed + run.lost) * BENCH_LIMITS.failedShare.default ? Number.NaN : run.cpuMicros;
  });
}

/** Share of the time of a core that the subject used in a run. */
export function busyShare({ cpuMicros, queriesPerSecond }: RunFigures): number {
  return (cpuMicros * queriesPerSecond) / 1e6;
}

function titleWithRate(scenario: Scenario, { fixedRate }: Method): string {
  const title = titleOf(scenario);
  return scenario.load === 'fixed' ? `${title} of ${fixedRate} queries a second` : title;
}

function scenarioCells(scenario: Scenario, { rows: all, subjects, method }: TableSource): string[][] {
  const rows = all.filter((row) => row.scenario === scenario.id);
  const cpuOf = (name: string) =>
    cpuByRound(
      rows.find((row) => row.subject === name),
      scenario,
      method,
    );
  const references = REFERENCES[scenario.level].filter((name) => known(cpuOf(name)).length > 0);
  const withPercentiles = rows.some((row) => row.rounds.some((run) => run?.latencyMs.p50 !== undefined));
  const head = [
    'subject',
    'CPU µs/query',
    'spread',
    ...references.map((name) => `× ${name}`),
    'queries/s',
    ...(withPercentiles ? ['p50 ms', 'p99 ms', 'p99.9 ms'] : ['mean ms']),
    'lost',
    'failed',
    'RSS MiB',
  ];
  const body = rows
    .map((row) => ({ row, cpu: cpuOf(row.subject), good: row.rounds.filter((run) => run !== null) }))
    .toSorted((a, b) => order(median(known(a.cpu))) - order(median(known(b.cpu))))
    .map(({ row, cpu, good }) => {
      const { median: middle, min, max } = summarize(known(cpu));
      const none = known(cpu).length === 0;
      const version = subjects.find((subject) => subject.name === row.subject)?.version ?? '';
      return [
        `${row.subject} ${version}`.trim(),
        none ? '–' : middle.toFixed(1),
        none ? '–' : `${min.toFixed(1)} to ${max.toFixed(1)}`,
        ...references.map((name) =>
          name === row.subject ? '1' : ratioText(ratioOf(cpu, cpuOf(name), BENCH_LIMITS.noiseFloor.default)),
        ),
        `${isHeldBack(scenario, good) ? '≥ ' : ''}${figure(good, (run) => run.queriesPerSecond, 0)}`,
        ...(withPercentiles
          ? [
              figure(good, (run) => run.latencyMs.p50, 2),
              figure(good, (run) => run.latencyMs.p99, 2),
              figure(good, (run) => run.latencyMs.p999, 2),
            ]
          : [figure(good, (run) => run.latencyMs.mean, 2)]),
        figure(good, (run) => run.lost, 0),
        figure(good, (run) => run.failed, 0),
        figure(good, (run) => run.residentBytes / 2 ** 20, 0),
      ];
    });
  return [head, ...body];
}

/** The load or the upstream was at its limit before the subject was: it could have answered more. */
function isHeldBack(scenario: Scenario, good: readonly RunFigures[]): boolean {
  if (scenario.load !== 'saturated' || good.length === 0) return false;
  return median(good.map(busyShare)) < BENCH_LIMITS.busyShare.default;
}

function figure(
  runs: readonly RunFigures[],
  pick: (run: RunFigures) => number | undefined,
  digits: number,
): string {
  const values = known(runs.map((run) => pick(run) ?? Number.NaN));
  return values.length === 0 ? '–' : median(values).toFixed(digits);
}

function known(values: readonly number[]): number[] {
  return values.filter((value) => Number.isFinite(value));
}

function order(value: number): number {
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
}
