import { SUBJECTS } from '@tridot/peers';
import { describe, expect, it } from 'vitest';
import { conformanceText, matrixOf } from '../src/compare/conformance.ts';
import { readCompareOptions } from '../src/compare/options.ts';
import { FULL, pairingsOfPlan, QUICK } from '../src/compare/plan.ts';
import { compactJson } from '../src/compare/write.ts';
import { SCENARIOS } from '../src/method/scenario.ts';
import { comparisonPage } from '../src/report/comparison-page.ts';
import { withBlock } from '../src/report/marked-block.ts';
import { choosingBlock, readmeBlock } from '../src/report/summary-block.ts';
import { madeUpComparison } from './comparison.ts';

const seconds = (plan: typeof QUICK) =>
  pairingsOfPlan(plan, SUBJECTS).length * plan.rounds * (plan.seconds + 1.5) + plan.lowRateSeconds;

describe('the plans', () => {
  it('measure everything in the full one', () => {
    const measured = new Set(pairingsOfPlan(FULL, SUBJECTS).map(({ scenario }) => scenario.id));
    expect([...measured].sort()).toEqual(SCENARIOS.map(({ id }) => id).sort());
  });

  it('leave time for the rest in the quick one', () => {
    expect(seconds(QUICK)).toBeLessThan(160);
  });

  it('measure a strategy in the quick one wherever anybody is', () => {
    const quick = pairingsOfPlan(QUICK, SUBJECTS);
    for (const { scenario } of quick) {
      const there = quick.filter((each) => each.scenario === scenario).map(({ subject }) => subject.name);
      expect(there, scenario.id).toContain('raw');
    }
  });

  it('let nobody without a cache take part where answers are cached', () => {
    const cached = pairingsOfPlan(FULL, SUBJECTS).filter(({ scenario }) => scenario.names === 'cached');
    expect(cached.map(({ subject }) => subject.name)).not.toContain('stubby');
  });
});

describe('readCompareOptions', () => {
  it('reads what is asked for', () => {
    expect(readCompareOptions([])).toMatchObject({ full: false, open: false, write: true, pagesOnly: false });
    const options = readCompareOptions(['--full', '--no-write', '--subjects', 'per-query-tls']);
    expect(options).toMatchObject({ full: true, write: false });
    expect(options.subjects.map(({ name }) => name)).toEqual(['per-query-tls']);
  });

  it.each([
    [['--fast'], '--fast'],
    [['--subjects', 'bind'], 'unknown subject "bind"'],
    [['later'], 'later'],
  ])('refuses %j', (args, message) => {
    expect(() => readCompareOptions(args)).toThrow(message);
    expect(() => readCompareOptions(args)).toThrow(expect.objectContaining({ code: 'ERR_BENCH_OPTION' }));
  });
});

describe('matrixOf', () => {
  const result = (id: string, verdict: 'pass' | 'fail' | 'not applicable', deviation?: string) => ({
    ...{ id, section: id.slice(0, 1), level: 'M', title: `title of ${id}`, verdict },
    ...(deviation === undefined ? {} : { deviation }),
  });
  const subjects = [
    {
      name: 'raw',
      version: '1',
      results: [result('U1', 'pass'), result('U1', 'fail'), result('T1', 'pass')],
    },
    { name: 'kresd', version: '5', results: [result('U1', 'fail', 'known'), result('T1', 'not applicable')] },
  ];
  const matrix = matrixOf({ subjects }, '2030-01-01');

  it('has one verdict for each case, of all its transports', () => {
    expect(matrix.cases.map(({ id }) => id)).toEqual(['U1', 'T1']);
    expect(matrix.subjects.map(({ verdicts }) => verdicts)).toEqual([
      ['mixed', 'pass'],
      ['fail', 'none'],
    ]);
  });

  it('counts failures that nobody declared', () => {
    expect(matrix.subjects.map(({ undeclared }) => undeclared)).toEqual([1, 0]);
  });

  it('says what was passed in words', () => {
    expect(conformanceText(matrix, 'raw')).toBe('1 of 2');
    expect(conformanceText(matrix, 'unbound')).toBe('not graded');
    expect(conformanceText(null, 'raw')).toBe('not graded');
  });
});

describe('what is written', () => {
  const comparison = madeUpComparison();

  it('is JSON that says the same, a line for each row', () => {
    const text = compactJson(comparison);
    expect(JSON.parse(text)).toEqual(comparison);
    const rows = text.split('\n').filter((line) => line.includes('"scenario"'));
    expect(rows).toHaveLength(comparison.rows.length);
  });

  it('is a page with every scenario and every subject', () => {
    const page = comparisonPage(comparison);
    for (const part of ['## Whole forwarder', '## Listener alone', '## Low rate', '## Codec', '1 of 2']) {
      expect(page).toContain(part);
    }
    expect(page.match(/^### /gm)).toHaveLength(SCENARIOS.length);
    expect(page).not.toMatch(/NaN|undefined|null/);
  });

  it('is a row for each subject in the README, and for each scenario in the advice', () => {
    expect(readmeBlock(comparison)).toMatch(/^\| raw +\| +20\.5 \|/m);
    expect(choosingBlock(comparison)).toMatch(/\| raw, µs \| library, × raw \|/);
    expect(readmeBlock(comparison) + choosingBlock(comparison)).not.toMatch(/NaN|undefined/);
  });
});

describe('withBlock', () => {
  it('replaces what stands between the markers, and nothing else', () => {
    const document = 'before\n<!-- x:start -->\nold\n<!-- x:end -->\nafter\n';
    const once = withBlock(document, 'x', 'new $& text\n');
    expect(once).toBe('before\n<!-- x:start -->\nnew $& text\n<!-- x:end -->\nafter\n');
    expect(withBlock(once ?? '', 'x', 'new $& text\n')).toBe(once);
  });

  it.each(['', '<!-- x:start -->', '<!-- x:end --><!-- x:start -->'])('leaves %j alone', (document) => {
    expect(withBlock(document, 'x', 'new')).toBeNull();
  });
});
