import { describe, expect, it } from 'vitest';
import { judge } from '../src/guard/judge.ts';
import { method, NEW, row, run } from './results.ts';

const judged = (now: readonly number[], before: readonly number[]) =>
  judge(
    [
      row(
        'raw',
        NEW,
        now.map((micros) => run(micros)),
      ),
      row(
        'raw@baseline',
        NEW,
        before.map((micros) => run(micros)),
      ),
    ],
    method,
  )[0];

describe('judge', () => {
  it('finds a slowdown that every round shows', () => {
    expect(judged([22, 23, 24, 22, 23], [20, 21, 22, 20, 21])).toMatchObject({ slower: true });
  });

  it('finds it although one round of five disagrees', () => {
    expect(judged([22, 23, 18, 22, 23], [20, 21, 22, 20, 21])).toMatchObject({ slower: true });
  });

  it.each([
    ['rounds disagree', [25, 15, 25, 15, 25], [20, 20, 20, 20, 20]],
    ['it is small, however steady', [20.6, 20.6, 20.6], [20, 20, 20]],
    ['it became faster', [15, 15, 15], [20, 20, 20]],
  ])('lets pass when %s', (_why, now, before) => {
    expect(judged(now, before)).toMatchObject({ slower: false });
  });

  it('compares nothing with nothing', () => {
    expect(judged([20, 20], [])).toMatchObject({ ratio: null, slower: false });
  });
});
