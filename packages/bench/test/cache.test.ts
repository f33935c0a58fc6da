import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeBlockList } from '../src/cache/blocked.ts';
import { ceilingOf, hitRateOf } from '../src/cache/hit-rate.ts';
import { readCacheOptions } from '../src/cache/options.ts';
import { intervalOfMedian, pairedRatio } from '../src/cache/pairs.ts';
import { CACHE_PARTS } from '../src/cache/result.ts';
import { createZipf } from '../src/cache/zipf.ts';
import { method, NEW as NEW_ID, row, run } from './results.ts';

describe('createZipf', () => {
  const draws = (seed: number, count: number, universe = 1_000, exponent = 1) =>
    Array.from({ length: count }, createZipf({ universe, exponent, seed }));

  it('draws the same stream for the same seed, and another for another', () => {
    expect(draws(7, 1_000)).toEqual(draws(7, 1_000));
    expect(draws(7, 1_000)).not.toEqual(draws(8, 1_000));
  });

  it('draws rank n as often as one in n of the first', () => {
    const ranks = draws(1, 200_000);
    const share = (rank: number) => ranks.filter((each) => each === rank).length / ranks.length;
    // The sum of 1/n to 1000 is 7.485.
    expect(share(0)).toBeCloseTo(1 / 7.485, 2);
    expect(share(9)).toBeCloseTo(1 / 74.85, 2);
    expect(share(0) / share(3)).toBeGreaterThan(3.7);
    expect(share(0) / share(3)).toBeLessThan(4.3);
  });

  it('draws all alike with exponent 0, the last one too', () => {
    const ranks = draws(1, 40_000, 4, 0);
    for (const rank of [0, 1, 2, 3]) {
      expect(ranks.filter((each) => each === rank).length / ranks.length).toBeCloseTo(0.25, 1);
    }
  });

  it('stays within the universe', () => {
    const universes = fc.integer({ min: 1, max: 300 });
    fc.assert(
      fc.property(
        universes,
        fc.double({ min: 0, max: 4, noNaN: true }),
        fc.nat(),
        (universe, exponent, seed) =>
          draws(seed, 50, universe, exponent).every((rank) => rank >= 0 && rank < universe),
      ),
    );
  });
});

describe('the hit rate', () => {
  it('is the share that no upstream saw', () => {
    expect(hitRateOf(1_000, 250)).toBe(0.75);
    expect(hitRateOf(10, 0)).toBe(1);
    expect(hitRateOf(0, 0)).toBeNaN();
  });

  it('has a ceiling: what was asked before, in the filling or since', () => {
    expect(ceilingOf([1, 2, 3], [1, 4, 4, 5])).toBe(0.5);
    expect(ceilingOf([], [1, 2, 3])).toBe(0);
  });
});

describe('the interval of a median', () => {
  it.each([
    [1, 1, 1, 0],
    [3, 1, 3, 0.75],
    [5, 1, 5, 0.9375],
    [8, 2, 7, 0.9297],
    [12, 3, 10, 0.9614],
  ])('of %d values is from number %d to %d', (count, low, high, confidence) => {
    const values = Array.from({ length: count }, (_, index) => index + 1);
    const interval = intervalOfMedian(values);
    expect(interval).toMatchObject({ low, high });
    expect(interval.confidence).toBeCloseTo(confidence, 4);
  });

  it('holds the median', () => {
    const values = fc.array(fc.double({ min: 0, max: 9, noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(values, (drawn) => {
        const sorted = drawn.toSorted((a, b) => a - b);
        const { low, high } = intervalOfMedian(sorted);
        const middle = sorted[sorted.length >> 1] ?? Number.NaN;
        return low <= middle && middle <= high;
      }),
    );
  });
});

describe('pairedRatio', () => {
  const part = (...rows: ReturnType<typeof row>[]) => ({ method, rows, failures: [] });

  it('compares runs of the same round', () => {
    const slow = row('slow', NEW_ID, [run(11), run(22), run(33)]);
    const fast = row('fast', NEW_ID, [run(10), run(20), run(30)]);
    expect(pairedRatio(part(slow, fast), 'slow', 'fast')).toEqual({
      ...{ median: 1.1, low: 1.1, high: 1.1, confidence: 0.75, pairs: 3 },
    });
  });

  it('leaves out rounds without a figure, and is null without any', () => {
    const some = row('some', NEW_ID, [null, run(12), { ...run(99), failed: 50 }]);
    const base = row('base', NEW_ID, [run(10), run(10), run(10)]);
    expect(pairedRatio(part(some, base), 'some', 'base')).toMatchObject({ median: 1.2, pairs: 1 });
    expect(pairedRatio(part(some), 'some', 'base')).toBeNull();
    expect(pairedRatio(part(some, base), 'none', 'base')).toBeNull();
  });
});

describe('writeBlockList', () => {
  it('writes so many names, the same each time, none of the domain that the load asks for', () => {
    const directory = mkdtempSync(join(tmpdir(), 'tridot-list-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const files = ['a', 'b'].map((name) => join(directory, name));
    const texts = files.map((file) => {
      writeBlockList(file, 10_001);
      return readFileSync(file, 'utf8');
    });
    expect(texts[0]).toBe(texts[1]);
    const lines = texts[0]?.trimEnd().split('\n') ?? [];
    expect(lines).toHaveLength(10_001);
    expect(lines.filter((line) => !/^[a-z0-9]{4,12}\.example\.(net|org)$/.test(line))).toEqual([]);
  });
});

describe('readCacheOptions', () => {
  it('measures everything by default and writes nothing', () => {
    const options = readCacheOptions([]);
    expect(options).toMatchObject({ parts: CACHE_PARTS, pairs: 12, jsonFile: null, writeDocs: false });
    expect(options.method).toMatchObject({ rounds: 3, seconds: 2, fixedRate: 20_000 });
  });

  it('reads parts and numbers', () => {
    const options = readCacheOptions(['--', '--parts', 'miss,hits', '--pairs', '4', '--json', 'x.json']);
    expect(options).toMatchObject({ parts: ['miss', 'hits'], pairs: 4, jsonFile: 'x.json' });
  });

  it.each([
    [['--parts', 'hits,eviction'], 'unknown part "eviction"'],
    [['--parts', 'hits', '--write-docs'], 'needs all parts'],
    [['--pairs', '1'], 'cachePairs is "1"'],
    [['--fast'], '--fast'],
  ])('refuses %j', (args, message) => {
    expect(() => readCacheOptions(args)).toThrow(message);
    expect(() => readCacheOptions(args)).toThrow(expect.objectContaining({ code: 'ERR_BENCH_OPTION' }));
  });
});
