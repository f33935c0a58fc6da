import { describe, expect, it } from 'vitest';
import type { SpeedRow } from '../src/method/result.ts';
import { ratioText, scenarioTables } from '../src/report/scenario-table.ts';
import { speedPage } from '../src/report/speed-page.ts';
import type { SpeedResult } from '../src/speed-result.ts';
import { CACHED, environment, FIXED, method, NEW, row, run } from './results.ts';

const resultWith = (...rows: readonly SpeedRow[]): SpeedResult => ({
  kind: 'speed',
  environment,
  method,
  upstream: 'an upstream',
  subjects: rows.map(({ subject }) => ({ name: subject, version: '1.0' })),
  rows,
  failures: [],
});

describe('scenarioTables', () => {
  it('puts the cheapest first, with ratios to the references', () => {
    const kresd = row('kresd', NEW, [run(20), run(30)]);
    const ours = row('raw', NEW, [run(10), run(15)]);
    const [table] = scenarioTables(resultWith(kresd, ours));
    expect(table?.cells.map((cells) => cells.slice(0, 4))).toEqual([
      ['subject', 'CPU µs/query', 'spread', '× kresd'],
      ['raw 1.0', '12.5', '10.0 to 15.0', '0.50'],
      ['kresd 1.0', '25.0', '20.0 to 30.0', '1'],
    ]);
  });

  it('gives no CPU figure to a subject that could not serve the fixed rate', () => {
    const slow = row('stubby', FIXED, [run(60, 12_000), run(61, 12_000)]);
    const [table] = scenarioTables(resultWith(slow));
    expect(table?.title).toContain('25000');
    expect(table?.cells[1]?.slice(0, 4)).toEqual(['stubby 1.0', '–', '–', '12000']);
  });

  it('gives no CPU figure to a subject that answers with failures or not at all', () => {
    const failing = row('kresd', NEW, [{ ...run(5), failed: 2 }, { ...run(6), lost: 2 }, run(21)]);
    const [table] = scenarioTables(resultWith(failing));
    expect(table?.cells[1]?.slice(0, 3)).toEqual(['kresd 1.0', '21.0', '21.0 to 21.0']);
  });

  it('marks the rate of a subject that was not saturated', () => {
    const idle = row('raw', NEW, [run(10, 50_000)]);
    const busy = row('kresd', NEW, [run(20, 50_000)]);
    const [table] = scenarioTables(resultWith(idle, busy));
    expect(table?.cells.map((cells) => cells[4])).toEqual(['queries/s', '≥ 50000', '50000']);
  });

  it('leaves failed rounds out and shows what never ran as dashes', () => {
    const half = row('kresd', CACHED, [null, run(9)]);
    const none = row('unbound', CACHED, [null, null]);
    const [table] = scenarioTables(resultWith(none, half));
    expect(table?.cells.slice(1).map((cells) => cells.slice(0, 2))).toEqual([
      ['kresd 1.0', '9.0'],
      ['unbound 1.0', '–'],
    ]);
  });
});

describe('ratioText', () => {
  it('marks what is within noise', () => {
    expect(ratioText({ median: 0.98, min: 0.9, max: 1.1, withinNoise: true })).toBe('≈ 0.98');
    expect(ratioText({ median: 0.5, min: 0.5, max: 0.5, withinNoise: false })).toBe('0.50');
    expect(ratioText(null)).toBe('–');
  });
});

describe('speedPage', () => {
  it('says where the figures come from, and has a table for each scenario', () => {
    const page = speedPage(resultWith(row('raw', NEW, [run(10)]), row('raw', CACHED, [run(5)])));
    expect(page).toContain('## Whole forwarder, UDP, every name new, saturated');
    expect(page).toContain('## Whole forwarder, UDP, names repeated, cached, saturated');
    expect(page).toContain('a processor, 2 cores, 8 GiB, Linux 6.0; Node 24.0.0');
    expect(page).toMatch(/^\| raw 1\.0 \| +10\.0 \|/m);
  });
});
