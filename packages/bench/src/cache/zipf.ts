import { seededRandom } from '@tridot/testbed';

/** Which names are asked for, how often, and in what order. */
export interface ZipfOptions {
  /** Names that there are. */
  readonly universe: number;
  /** The name of rank n is asked for as often as 1/n to this power. 0: all alike. */
  readonly exponent: number;
  /** Equal seeds, equal streams. */
  readonly seed: number;
}

/** Draws ranks, 0 the most popular, by their place in the sum of all frequencies. */
export function createZipf({ universe, exponent, seed }: ZipfOptions): () => number {
  const sums = new Float64Array(universe);
  let sum = 0;
  for (let rank = 0; rank < universe; rank += 1) {
    sum += (rank + 1) ** -exponent;
    sums[rank] = sum;
  }
  const random = seededRandom(seed);
  return () => firstAbove(sums, random() * sum);
}

/** Index of the first value above the one that is looked for; the last index when there is none. */
function firstAbove(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
