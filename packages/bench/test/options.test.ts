import { describe, expect, it } from 'vitest';
import { readBenchOptions } from '../src/options.ts';

describe('readBenchOptions', () => {
  it('reads what is asked for', () => {
    const options = readBenchOptions(
      [
        '--',
        '--subjects',
        'per-query-tls',
        '--rounds',
        '5',
        '--seconds',
        '2',
        '--scenarios',
        'listener.udp.fixed,listener.tcp.single',
      ],
      [],
    );
    expect(options.subjects.map((subject) => subject.name)).toEqual(['per-query-tls']);
    expect(options.scenarios.map((scenario) => scenario.id)).toEqual([
      'listener.udp.fixed',
      'listener.tcp.single',
    ]);
    expect(options.method).toMatchObject({ rounds: 5, seconds: 2, inFlight: 300, clients: 10 });
    expect(options).toMatchObject({ jsonFile: null, writeDocs: false });
  });

  it.each([
    [['--subjects', 'bind'], 'unknown subject "bind"'],
    [['--scenarios', 'old'], 'unknown scenario "old"'],
    [['--rounds', '0'], 'rounds is "0"'],
    [['--seconds', '1.5'], 'seconds is "1.5"'],
    [['--rounds', 'many'], 'rounds is "many"'],
    [['--fast'], '--fast'],
  ])('refuses %j', (args, message) => {
    expect(() => readBenchOptions(args, [])).toThrow(message);
    expect(() => readBenchOptions(args, [])).toThrow(expect.objectContaining({ code: 'ERR_BENCH_OPTION' }));
  });
});
