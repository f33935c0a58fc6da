import { describe, expect, it } from 'vitest';
import { findings } from '../src/cache/findings.ts';
import { cachePage } from '../src/cache/page.ts';
import {
  type BlockedPart,
  type CacheParts,
  type CacheResult,
  type HitRatePart,
  type RoundsPart,
  VARIANTS,
} from '../src/cache/result.ts';
import { cacheTables } from '../src/cache/tables.ts';
import { CACHED, environment, method, NEW, row, run } from './results.ts';

const CACHED_FIXED = 'end-to-end.udp.cached.fixed';
const NEW_KEPT = 'end-to-end.udp.new-kept.saturated';
const rounds = (...cpu: readonly number[]) => cpu.map((micros) => run(micros));

const hits = (raw: number): RoundsPart => ({
  method,
  rows: [row('raw', CACHED, rounds(raw, raw)), row('echo', CACHED, rounds(10, 10))],
  failures: [],
});

const miss = (...on: readonly number[]): RoundsPart => ({
  method,
  rows: [
    row(VARIANTS.cacheOff, NEW, rounds(...on.map(() => 10))),
    row(VARIANTS.cacheOn, NEW_KEPT, rounds(...on)),
    row(VARIANTS.cacheFull, NEW_KEPT, rounds(...on)),
  ],
  failures: [],
});

const hitRate = (raw: number): HitRatePart => ({
  ...{ cacheBytes: 2 ** 22, universe: 1_000, exponent: 1, seed: 1, queries: 100, ceiling: 0.9, failures: [] },
  rows: [
    { subject: 'raw', hitRate: raw },
    { subject: 'unbound', hitRate: 0.5 },
  ].map((each) => ({ ...each, asked: 100, lost: 0, atUpstream: 40, residentBytes: 0, idleResidentBytes: 0 })),
});

const blocked = (withList: number): BlockedPart => ({
  ...{ names: 2_000_000, fileBytes: 2 ** 25, reloadMs: [900], residentBytesAfterReload: [2 ** 28] },
  startMs: { without: [300, 400, 500], withList: [2_400, 2_500, 2_600] },
  residentBytes: { without: [2 ** 26], withList: [2 ** 27] },
  lookUp: {
    method,
    rows: [
      row(VARIANTS.noList, NEW, rounds(10, 10)),
      row(VARIANTS.withList, NEW, rounds(withList, withList + 0.2)),
    ],
    failures: [],
  },
});

const everything: CacheParts = {
  hits: hits(12),
  rate: { method, rows: [row('raw', CACHED_FIXED, rounds(20, 22))], failures: [] },
  miss: miss(10.2, 10.3),
  'hit-rate': hitRate(0.6),
  million: {
    samples: [{ queries: 0, residentBytes: 2 ** 26, peakResidentBytes: 2 ** 26 }],
    verdict: { before: 2 ** 27, after: 2 ** 27, growth: 0, flat: true },
  },
  blocked: blocked(9.9),
};

const verdictsOf = (parts: CacheParts) =>
  findings(parts)
    .slice(1)
    .map((cells) => cells.at(-1));

const resultOf = (parts: CacheParts, failures: readonly string[] = []): CacheResult => ({
  ...{ kind: 'cache', environment, upstream: 'an upstream', parts, failures },
  subjects: [{ name: 'raw', version: '1.0' }],
});

describe('findings', () => {
  it('has a line for each thing that is wanted, and none for what was not measured', () => {
    expect(verdictsOf(everything)).toEqual(['met', 'stated', 'met', 'met', 'met', 'met', 'met', 'stated']);
    expect(verdictsOf({})).toEqual([]);
  });

  it('judges cached answers by the echo of the same run', () => {
    expect(findings({ hits: hits(12) })[1]?.slice(1)).toEqual(['at most 1.25', '1.20 (1.20 to 1.20)', 'met']);
    expect(verdictsOf({ hits: hits(12.6) })).toEqual(['not met']);
    expect(verdictsOf({ hits: { method, rows: [], failures: [] } })).toEqual(['no figure']);
  });

  it('says when the interval does not agree with the median', () => {
    expect(verdictsOf({ miss: miss(10, 10.1, 12) })[0]).toBe('met by the median, not by all of the interval');
    expect(verdictsOf({ miss: miss(10, 11, 12) })[0]).toBe('not met by the median');
    expect(verdictsOf({ miss: miss(11, 11, 12) })[0]).toBe('not met');
  });

  it('compares the hit rate with that of unbound', () => {
    expect(verdictsOf({ 'hit-rate': hitRate(0.49) })).toEqual(['not met']);
  });

  it('takes a look-up for not measurable only if the pairs disagree about it', () => {
    expect(verdictsOf({ blocked: blocked(9.9) })[0]).toBe('met');
    expect(verdictsOf({ blocked: blocked(10.5) })[0]).toBe('not met');
    const noisy = {
      method,
      rows: [row(VARIANTS.noList, NEW, rounds(10, 10)), row(VARIANTS.withList, NEW, rounds(9, 12))],
    };
    const part = { ...blocked(10), lookUp: { ...noisy, failures: [] } };
    expect(verdictsOf({ blocked: part })[0]).toBe('too noisy to tell');
    expect(findings({ blocked: blocked(10) })[2]?.[2]).toBe('2.1 s and 64 MiB more');
  });
});

describe('cachePage', () => {
  it('has a section for each part, and says how it was measured', () => {
    const page = cachePage(resultOf(everything, ['million: broke off']));
    const titles = [...page.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(titles).toEqual([
      ...cacheTables(resultOf(everything)).map(({ title }) => title),
      'How it was measured',
    ]);
    expect(titles).toContain('Hit rate with the same memory');
    expect(page).toMatch(/^\| raw 1\.0 +\| +12\.0 \|/m);
    expect(page).toContain('with exponent 1 from 1000 names (seed 1;');
    expect(page).toContain('- Failed: million: broke off.');
    expect(page).toContain('a processor, 2 cores');
  });

  it('leaves out parts that were not measured, and shows what has no figure as a dash', () => {
    const rows = [row(VARIANTS.cacheOff, NEW, [null]), row(VARIANTS.cacheOn, NEW_KEPT, [null])];
    const page = cachePage(resultOf({ miss: { method, rows, failures: [] } }));
    expect(page).not.toContain('Hit rate with');
    expect(page).toMatch(/^\| cache on +\| +– \| +– \| +– \|/m);
    expect(page).not.toMatch(/Infinity|undefined|NaN/);
  });
});
