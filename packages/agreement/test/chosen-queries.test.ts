import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChosenQueries } from '../src/chosen-queries.ts';
import { AgreementOptionError } from '../src/index.ts';
import { query } from './messages.ts';

function chosen(suffixes: readonly string[], sampleRate = 0, random = () => 0.5): ChosenQueries {
  return new ChosenQueries({ suffixes, sampleRate, random });
}

const label = fc.stringMatching(/^[a-z]{1,2}$/);
const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'));

describe('suffixes', () => {
  it('choose themselves and what is below, by whole labels, in any case', () => {
    const some = chosen(['bank.example', 'Example.org.']);
    for (const yes of ['bank.example', 'BANK.Example', 'a.b.bank.example', 'example.org', 'www.example.ORG'])
      expect(some.has(query(yes))).toBe(true);
    for (const no of ['example', 'mybank.example', 'bank.example.com', 'org', '', 'xexample.org'])
      expect(some.has(query(no))).toBe(false);
  });

  it('choose what a plain comparison of text chooses', () => {
    fc.assert(
      fc.property(fc.array(name, { maxLength: 5 }), name, (suffixes, qname) => {
        const expected = suffixes.some((suffix) => qname === suffix || qname.endsWith(`.${suffix}`));
        expect(chosen(suffixes).has(query(qname))).toBe(expected);
      }),
    );
  });

  it('can be the root', () => {
    expect(chosen(['.']).has(query('anything.example'))).toBe(true);
    expect(chosen(['.']).has(query(''))).toBe(true);
  });

  it.each(['', 'a..b', '-', 'a b', `${'a'.repeat(64)}.example`, `${'a.'.repeat(127)}aa`])(
    '%j is refused',
    (suffix) => {
      expect(() => chosen([suffix])).toThrow(AgreementOptionError);
    },
  );
});

describe('the sample', () => {
  it('is as large as its rate', () => {
    let i = 0;
    const some = chosen([], 0.25, () => (i++ % 100) / 100);
    const count = Array.from({ length: 1_000 }, () => some.has(query('example.com'))).filter(Boolean).length;
    expect(count).toBe(250);
    expect(chosen([], 0, () => 0).has(query('example.com'))).toBe(false);
    expect(chosen([], 1, () => 0.999).has(query('example.com'))).toBe(true);
  });
});

describe('never chosen', () => {
  it.each([
    ['UPDATE', query('example.com', 6, 5)],
    ['ANY', query('example.com', 255)],
    ['AXFR', query('example.com', 252)],
    ['IXFR', query('example.com', 251)],
    ['a query that must not be edited', { ...query('example.com'), optOffset: -1 }],
  ])('%s', (_, each) => {
    expect(chosen(['.'], 1).has(each)).toBe(false);
  });
});
