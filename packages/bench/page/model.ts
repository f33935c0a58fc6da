/** The data of the page, and the rows that the plots and the table are made of. */

import type { Comparison } from '../src/compare/result.ts';
import { BENCH_LIMITS } from '../src/limits.ts';
import { QUANTILES } from '../src/load/figures.ts';
import type { RunFigures } from '../src/method/result.ts';
import { SCENARIOS, type Scenario, titleOf } from '../src/method/scenario.ts';
import { median, summarize } from '../src/method/statistics.ts';
import { busyShare, cpuByRound } from '../src/report/scenario-table.ts';

export interface PageData {
  readonly comparison: Comparison;
  readonly methodLines: readonly string[];
}

/** What one subject came to in one scenario. */
export interface Entry {
  readonly scenario: Scenario;
  readonly title: string;
  readonly subject: string;
  readonly cpu: Spread | null;
  readonly perSecond: Spread | null;
  /** Load or upstream were the limit. */
  readonly heldBack: boolean;
  readonly latency: Latency;
  readonly residentMebibytes: number | null;
  readonly lost: number;
  readonly failed: number;
  /** Each round's CPU, as text. */
  readonly rounds: string;
}

export interface Spread {
  readonly middle: number;
  readonly least: number;
  readonly most: number;
}

export interface Latency {
  readonly p50: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly mean: number | null;
  /** Milliseconds by per cent, of the round in the middle; empty where each query was not timed. */
  readonly curve: readonly { readonly percent: number; readonly milliseconds: number }[];
}

export function entriesOf({ rows, method }: Comparison): Entry[] {
  return SCENARIOS.flatMap((scenario) =>
    rows
      .filter((row) => row.scenario === scenario.id)
      .map((row): Entry => {
        const good = row.rounds.filter((run) => run !== null);
        const cpu = cpuByRound(row, scenario, method);
        const busy = median(good.map(busyShare));
        return {
          scenario,
          title: titleOf(scenario),
          subject: row.subject,
          cpu: spreadOf(cpu),
          perSecond: spreadOf(good.map((run) => run.queriesPerSecond)),
          heldBack: scenario.load === 'saturated' && busy < BENCH_LIMITS.busyShare.default,
          latency: latencyOf(good),
          residentMebibytes: orNull(median(good.map((run) => run.residentBytes / 2 ** 20))),
          lost: good.reduce((sum, run) => sum + run.lost, 0),
          failed: good.reduce((sum, run) => sum + run.failed, 0),
          rounds: cpu.map((value) => (Number.isFinite(value) ? value.toFixed(1) : '–')).join(' '),
        };
      }),
  );
}

function spreadOf(values: readonly number[]): Spread | null {
  const known = values.filter((value) => Number.isFinite(value));
  if (known.length === 0) return null;
  const { median: middle, min: least, max: most } = summarize(known);
  return { middle, least, most };
}

function latencyOf(runs: readonly RunFigures[]): Latency {
  const of = (pick: (run: RunFigures) => number | null | undefined) =>
    orNull(median(runs.map((run) => pick(run) ?? Number.NaN).filter((value) => Number.isFinite(value))));
  const timed = runs.filter((run) => run.latencyMs.quantiles !== undefined);
  const inOrder = timed.toSorted((a, b) => (a.latencyMs.p99 ?? 0) - (b.latencyMs.p99 ?? 0));
  const quantiles = inOrder[inOrder.length >> 1]?.latencyMs.quantiles ?? [];
  return {
    p50: of((run) => run.latencyMs.p50),
    p99: of((run) => run.latencyMs.p99),
    p999: of((run) => run.latencyMs.p999),
    mean: of((run) => run.latencyMs.mean),
    curve: quantiles.map((milliseconds, index) => ({ percent: QUANTILES[index] ?? 100, milliseconds })),
  };
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
