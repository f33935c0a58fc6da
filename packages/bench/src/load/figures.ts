import { percentileOfSorted } from '../method/statistics.ts';

/** What a load came to. */
export interface LoadFigures {
  readonly completed: number;
  readonly lost: number;
  readonly queriesPerSecond: number;
  readonly latencyMs: LatencyFigures;
  /** Responses by rcode, such as `NOERROR`. */
  readonly rcodes: Readonly<Record<string, number>>;
}

/** Percentiles are there when the latency of each query is known. */
export interface LatencyFigures {
  readonly mean: number;
  readonly p50?: number;
  readonly p99?: number;
  readonly p999?: number;
  readonly max: number;
  /** One value for each of {@link QUANTILES}. */
  readonly quantiles?: readonly number[];
}

/** Per cent: dense where latencies differ, which is at the slow end. */
export const QUANTILES: readonly number[] = [
  0, 5, 10, 25, 50, 75, 90, 95, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.99, 100,
];

/** Mean, most and percentiles. Sorts the values in place. */
export function latencyOf(valuesMs: Float64Array): LatencyFigures {
  if (valuesMs.length === 0) return { mean: Number.NaN, max: Number.NaN };
  valuesMs.sort();
  const at = (percent: number) => percentileOfSorted(valuesMs, percent);
  const sum = valuesMs.reduce((total, value) => total + value, 0);
  return {
    mean: sum / valuesMs.length,
    p50: at(50),
    p99: at(99),
    p999: at(99.9),
    max: at(100),
    quantiles: QUANTILES.map((percent) => Number(at(percent).toFixed(4))),
  };
}
