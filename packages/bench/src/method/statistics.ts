/** The middle value; of an even number of values the mean of the two in the middle. NaN when there are none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  return upper === undefined || lower === undefined ? Number.NaN : (lower + upper) / 2;
}

/**
 * The value that `percent` per cent of the values do not pass, by the nearest rank. NaN when there are none.
 *
 * @param sorted ascending; not checked.
 * @param percent 0 to 100.
 */
export function percentileOfSorted(sorted: ArrayLike<number>, percent: number): number {
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.max(0, rank - 1)] ?? Number.NaN;
}

/** What the rounds of one figure come to. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median and spread of the rounds. */
export function summarize(values: readonly number[]): Summary {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** How one subject stands to another, from the rounds of one run. */
export interface Ratio extends Summary {
  /** The difference is not more than the rounds differ among themselves. */
  readonly withinNoise: boolean;
}

/**
 * The ratio of two figures, taken round by round, so that what slows the whole machine for a while cancels out.
 *
 * It is within noise when the rounds disagree about who is ahead, or when the median is closer to 1 than the floor.
 *
 * @returns null when there is no round with both.
 */
export function ratioOf(
  ours: readonly number[],
  theirs: readonly number[],
  noiseFloor: number,
): Ratio | null {
  const ratios: number[] = [];
  ours.forEach((value, round) => {
    const other = theirs[round];
    if (other !== undefined && other > 0 && Number.isFinite(value)) ratios.push(value / other);
  });
  if (ratios.length === 0) return null;
  const summary = summarize(ratios);
  const disagree = summary.min <= 1 && summary.max >= 1;
  return { ...summary, withinNoise: disagree || Math.abs(summary.median - 1) < noiseFloor };
}

/** Order of a round: every subject comes at another place in each round. */
export function rotated<T>(items: readonly T[], round: number): T[] {
  const shift = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(shift), ...items.slice(0, shift)];
}
