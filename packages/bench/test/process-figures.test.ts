import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStatTicks, parseStatusBytes, readProcess } from '../src/method/process-figures.ts';

function statLine(command: string, ticks: readonly [number, number, number, number]): string {
  return `4711 (${command}) S 1 4711 4711 0 -1 4194560 120 0 0 0 ${ticks.join(' ')} 20 0 11 0 98765 1234 567\n`;
}

describe('parseStatTicks', () => {
  it('adds user and system time, and that of children that ended', () => {
    expect(parseStatTicks(statLine('node', [100, 20, 3, 4]))).toBe(127);
  });

  it('is not misled by spaces and parentheses in the command', () => {
    expect(parseStatTicks(statLine('dns (x) 1 2 3) S 9', [1, 2, 3, 4]))).toBe(10);
  });

  it('refuses what is not such a line', () => {
    expect(() => parseStatTicks('4711 (node) S 1')).toThrow('not a line');
  });

  it('either reads or refuses any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          return Number.isFinite(parseStatTicks(text));
        } catch (error) {
          return error instanceof Error;
        }
      }),
    );
  });
});

describe('parseStatusBytes', () => {
  const status = 'Name:\tnode\nVmHWM:\t   81920 kB\nVmRSS:\t   70000 kB\nThreads:\t11\n';

  it('reads kibibytes as bytes', () => {
    expect(parseStatusBytes(status, 'VmRSS')).toBe(71_680_000);
    expect(parseStatusBytes(status, 'VmHWM')).toBe(83_886_080);
  });

  it('is 0 where there is no such line', () => {
    expect(parseStatusBytes('Name:\tkthreadd\n', 'VmRSS')).toBe(0);
  });
});

describe.runIf(process.platform === 'linux')('readProcess', () => {
  it('sees this process use time and memory', () => {
    const before = readProcess(process.pid);
    const until = process.cpuUsage().user + 60_000;
    while (process.cpuUsage().user < until);
    const after = readProcess(process.pid);
    expect(after.cpuSeconds).toBeGreaterThan(before.cpuSeconds);
    expect(after.peakResidentBytes).toBeGreaterThanOrEqual(after.residentBytes);
    expect(after.residentBytes).toBeGreaterThan(1_000_000);
  });

  it('says when there is no such process', () => {
    expect(() => readProcess(2 ** 30)).toThrow('ENOENT');
  });
});
