/** Share of a new figure in the average. */
const WEIGHT = 0.1;
/** How far one figure moves the percentile, as a share of it. */
const STEP = 0.1;
const PERCENTILE = 0.95;
/** Before so many answers the percentile is not to be relied on. */
const ENOUGH = 20;
/** Below the resolution of what is measured, and above zero: the percentile is moved by factors. */
const LEAST_MS = 0.01;

const UP = Math.exp(STEP * PERCENTILE);
const DOWN = Math.exp(-STEP * (1 - PERCENTILE));

/**
 * How fast one server answers. The percentile is followed without keeping figures: each one above moves it up a little, each
 * below moves it down nineteen times less, so that it rests where one in twenty lies above.
 */
export class Latency {
  #averageMs = 0;
  #p95Ms = 0;
  #count = 0;

  /** Exponentially weighted average, in milliseconds; 0 before the first answer. */
  get averageMs(): number {
    return this.#averageMs;
  }

  /** What 19 of 20 answers take at most, in milliseconds; `null` as long as too few came. */
  get p95Ms(): number | null {
    return this.#count < ENOUGH ? null : this.#p95Ms;
  }

  /** An answer took so long, or a query was given up after so long. */
  took(ms: number): void {
    if (this.#count++ === 0) {
      this.#averageMs = ms;
      this.#p95Ms = Math.max(LEAST_MS, ms);
      return;
    }
    // The first figures count alike: one answer that came late must not stand for the server.
    this.#averageMs += Math.max(WEIGHT, 1 / this.#count) * (ms - this.#averageMs);
    this.#p95Ms = Math.max(LEAST_MS, this.#p95Ms * (ms > this.#p95Ms ? UP : DOWN));
  }
}
