import { median } from './method/statistics.ts';

/** Memory at one point of a run. */
export interface MemorySample {
  /** Queries completed until then. */
  readonly queries: number;
  readonly residentBytes: number;
  readonly peakResidentBytes: number;
}

/** Whether memory stayed where it was. */
export interface MemoryVerdict {
  /** Median of the samples in the last half of the first half of the run. */
  readonly before: number;
  /** Median of the samples in the last half of the run’s second half. */
  readonly after: number;
  /** `after / before - 1`. */
  readonly growth: number;
  readonly flat: boolean;
}

/**
 * Compares the end of the first half of a run with the end of its second half; medians, because garbage collection
 * makes single samples jump.
 *
 * @param allowedGrowth share by which the median may grow.
 */
export function judgeMemory(samples: readonly MemorySample[], allowedGrowth: number): MemoryVerdict {
  const half = samples.length >> 1;
  const quarter = Math.max(1, half >> 1);
  const bytes = samples.map((sample) => sample.residentBytes);
  const before = median(bytes.slice(half - quarter, half));
  const after = median(bytes.slice(-quarter));
  const growth = after / before - 1;
  return { before, after, growth, flat: growth <= allowedGrowth };
}
