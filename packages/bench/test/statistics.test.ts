import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, percentileOfSorted, ratioOf, rotated, summarize } from '../src/method/statistics.ts';

describe('median', () => {
  it('is the middle of an odd number of values, in whatever order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('is the mean of the two in the middle of an even number', () => {
    expect(median([4, 1, 3, 100])).toBe(3.5);
  });

  it('is NaN of nothing', () => {
    expect(median([])).toBeNaN();
  });

  it('has as many values at or below it as at or above it', () => {
    const values = fc.array(fc.integer(), { minLength: 1 });
    fc.assert(
      fc.property(values, (all) => {
        const middle = median(all);
        const below = all.filter((value) => value <= middle).length;
        const above = all.filter((value) => value >= middle).length;
        return below * 2 >= all.length && above * 2 >= all.length;
      }),
    );
  });
});

describe('summarize', () => {
  it('gives the least and the most as the spread', () => {
    expect(summarize([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  });
});

describe('percentileOfSorted', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);

  it.each([
    [50, 50],
    [99, 99],
    [99.9, 100],
    [100, 100],
    [0, 1],
  ])('takes the nearest rank of %d %%', (percent, value) => {
    expect(percentileOfSorted(hundred, percent)).toBe(value);
  });

  it('is NaN of nothing', () => {
    expect(percentileOfSorted([], 50)).toBeNaN();
  });
});

describe('ratioOf', () => {
  it('is taken round by round, so that a slow round does not count', () => {
    const ratio = ratioOf([10, 20, 10], [20, 40, 20], 0.03);
    expect(ratio).toEqual({ median: 0.5, min: 0.5, max: 0.5, withinNoise: false });
  });

  it('is within noise when the rounds disagree about who is ahead', () => {
    expect(ratioOf([10, 10, 10], [8, 11, 12], 0.03)?.withinNoise).toBe(true);
  });

  it('is within noise when the difference is below the floor, however steady', () => {
    expect(ratioOf([102, 102], [100, 100], 0.03)?.withinNoise).toBe(true);
    expect(ratioOf([104, 104], [100, 100], 0.03)?.withinNoise).toBe(false);
  });

  it('leaves out rounds that one of the two did not have', () => {
    const ratio = ratioOf([10, Number.NaN, 30], [10, 10, Number.NaN], 0);
    expect(ratio).toEqual({ median: 1, min: 1, max: 1, withinNoise: true });
  });

  it('is null when no round has both', () => {
    expect(ratioOf([1], [], 0.03)).toBeNull();
    expect(ratioOf([1], [Number.NaN], 0.03)).toBeNull();
  });
});

describe('rotated', () => {
  it('begins one further each round', () => {
    expect([0, 1, 2, 3].map((round) => rotated(['a', 'b', 'c'], round).join(''))).toEqual([
      'abc',
      'bca',
      'cab',
      'abc',
    ]);
  });

  it('leaves nothing as it is', () => {
    expect(rotated([], 3)).toEqual([]);
  });
});
