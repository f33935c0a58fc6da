/** Counts of values by upper bound, as Prometheus wants them. Observing is a few comparisons and two additions. */
export class Histogram {
  readonly bounds: readonly number[];
  /** By bound, not cumulative; the last is for what is above all of them. */
  readonly counts: Float64Array;
  sum = 0;

  /** @param bounds ascending. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let slot = 0;
    while (slot < bounds.length && value > (bounds[slot] ?? 0)) slot++;
    counts[slot] = (counts[slot] ?? 0) + 1;
    this.sum += value;
  }
}
