import { describe, expect, it } from 'vitest';
import { sectionOf, titleOf } from '../src/case.ts';
import { CASES } from '../src/cases/index.ts';
import { NOT_YET } from '../src/not-yet.ts';
import { SECTIONS } from '../src/report/matrix.ts';

/** How many requirements each section has. */
const ROWS = { U: 19, T: 28, H: 30, E: 24, C: 10, R: 11, K: 20, A: 22, P: 24, N: 12, S: 10, Z: 9 };

describe('the list of cases', () => {
  it('has no id twice', () => {
    const ids = CASES.map((each) => each.id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it('has a case for every requirement, or a reason why not', () => {
    const covered = new Set([
      ...CASES.map((each) => each.id.split('.', 1)[0]),
      ...NOT_YET.flatMap(({ ids }) => ids),
    ]);
    const rows = Object.entries(ROWS).flatMap(([letter, count]) =>
      Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
    );
    expect(rows.filter((row) => !covered.has(row))).toEqual([]);
  });

  it.each(CASES.map((each) => [each.id, each] as const))(
    '%s has a section, a title and a transport',
    (_, each) => {
      expect(SECTIONS).toHaveProperty(sectionOf(each.id));
      expect(titleOf(each)).toMatch(/^(MUST|SHOULD) /);
      expect(each.title.startsWith('SHOULD')).toBe(each.level === 'SHOULD');
      expect(each.transports.length).toBeGreaterThan(0);
      expect(each.reference).not.toMatch(/§\s|†/);
    },
  );
});
