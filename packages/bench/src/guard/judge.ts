import { BENCH_LIMITS } from '../limits.ts';
import type { Method, SpeedRow } from '../method/result.ts';
import { SCENARIOS } from '../method/scenario.ts';
import { type Ratio, ratioOf } from '../method/statistics.ts';
import { cpuByRound } from '../report/scenario-table.ts';

/** How one subject in one scenario stands to itself in the baseline. */
export interface Judgement {
  readonly subject: string;
  readonly scenario: string;
  /** CPU for each query now, over that of the baseline; null: not measured on both sides. */
  readonly ratio: Ratio | null;
  readonly slower: boolean;
}

/** What the name of a subject of the baseline ends in. */
export const BASELINE = '@baseline';

/**
 * Slower means: at least {@link BENCH_LIMITS.guardTolerance} in the median, and slower in every single round but one of
 * five. Noise alone does either now and then, and both hardly ever.
 */
export function judge(rows: readonly SpeedRow[], method: Method): Judgement[] {
  return rows
    .filter(({ subject }) => !subject.endsWith(BASELINE))
    .map((now) => {
      const before = rows.find(
        (row) => row.subject === `${now.subject}${BASELINE}` && row.scenario === now.scenario,
      );
      const scenario = SCENARIOS.find(({ id }) => id === now.scenario);
      const [ours, theirs] =
        scenario === undefined
          ? [[], []]
          : [cpuByRound(now, scenario, method), cpuByRound(before, scenario, method)];
      const ratio = ratioOf(ours, theirs, BENCH_LIMITS.noiseFloor.default);
      return { subject: now.subject, scenario: now.scenario, ratio, slower: isSlower(ours, theirs, ratio) };
    });
}

function isSlower(ours: readonly number[], theirs: readonly number[], ratio: Ratio | null): boolean {
  if (ratio === null || ratio.median < 1 + BENCH_LIMITS.guardTolerance.default) return false;
  const pairs = ours.flatMap((value, round) => {
    const other = theirs[round];
    return other === undefined || !Number.isFinite(value) || !Number.isFinite(other) ? [] : [value > other];
  });
  return pairs.filter((slower) => !slower).length <= Math.floor(pairs.length / 5);
}
