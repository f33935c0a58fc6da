import { SCENARIOS } from '../method/scenario.ts';
import { median } from '../method/statistics.ts';
import { cpuByRound } from '../report/scenario-table.ts';
import type { RoundsPart } from './result.ts';

/** How one subject stands to another, from runs in pairs. */
export interface PairedRatio {
  readonly median: number;
  /** The median of endless pairs lies between these with at least {@link confidence}. */
  readonly low: number;
  readonly high: number;
  /** 0 to 1. Of few pairs it is less than what is asked for. */
  readonly confidence: number;
  readonly pairs: number;
}

const WANTED_CONFIDENCE = 0.9;

/**
 * The ratio of CPU for each query, round by round, and where its median lies. The interval is made of order statistics,
 * which asks nothing of how the noise is distributed, and leaves single bad rounds out.
 *
 * @returns null when there is no round with both.
 */
export function pairedRatio(part: RoundsPart, subject: string, base: string): PairedRatio | null {
  const theirs = cpuOf(part, base);
  const ratios = cpuOf(part, subject)
    .map((cpu, round) => cpu / (theirs[round] ?? Number.NaN))
    .filter(Number.isFinite)
    .toSorted((a, b) => a - b);
  return ratios.length === 0
    ? null
    : { median: median(ratios), ...intervalOfMedian(ratios), pairs: ratios.length };
}

/** CPU microseconds of a subject by round; NaN where there is no figure. */
export function cpuOf({ rows, method }: RoundsPart, subject: string): number[] {
  const row = rows.find((each) => each.subject === subject);
  const scenario = SCENARIOS.find(({ id }) => id === row?.scenario);
  return scenario === undefined ? [] : cpuByRound(row, scenario, method);
}

/** @param sorted ascending, not empty. */
export function intervalOfMedian(sorted: readonly number[]): {
  low: number;
  high: number;
  confidence: number;
} {
  let dropped = 0;
  while (confidenceWithout(dropped + 1, sorted.length) >= WANTED_CONFIDENCE) dropped += 1;
  return {
    low: sorted[dropped] ?? Number.NaN,
    high: sorted[sorted.length - 1 - dropped] ?? Number.NaN,
    confidence: confidenceWithout(dropped, sorted.length),
  };
}

/** How surely the median of all lies among `count` values of which as many as `dropped` are left out at each end. */
function confidenceWithout(dropped: number, count: number): number {
  let ways = 1;
  let outside = 0;
  for (let below = 0; below <= dropped; below += 1) {
    outside += ways;
    ways *= (count - below) / (below + 1);
  }
  return 1 - (2 * outside) / 2 ** count;
}
