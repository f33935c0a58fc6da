import { describe, expect, it } from 'vitest';
import { OptionError, parseOptions } from '../src/options.ts';

describe('the options', () => {
  it('have defaults', () => {
    expect(parseOptions([])).toMatchObject({ side: 'both', forMs: 60_000, from: 0, keepIn: 'fuzz-found' });
  });

  it('are taken as they are written, also behind --', () => {
    const args = ['--', '--seed', '42', '--minutes', '0.5', '--side', 'client', '--from', '7', '--keep', 'x'];
    expect(parseOptions(args)).toMatchObject({
      seed: 42,
      forMs: 30_000,
      side: 'client',
      from: 7,
      keepIn: 'x',
    });
  });

  it('have no time limit when iterations are given alone', () => {
    expect(parseOptions(['--iterations', '3'])).toMatchObject({ iterations: 3, forMs: undefined });
  });

  it.each([
    ['--seed', '-1'],
    ['--seed', '1.5'],
    ['--seed', ''],
    ['--minutes', 'ten'],
    ['--side', 'both sides'],
    ['--from', '1e99'],
    ['--unknown', '1'],
  ])('%s %s is refused by name', (name, value) => {
    expect(() => parseOptions([`${name}=${value}`])).toThrow(OptionError);
    expect(() => parseOptions([`${name}=${value}`])).toThrow(name);
  });
});
