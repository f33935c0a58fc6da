import { describe, expect, it } from 'vitest';
import { judgeMemory, type MemorySample } from '../src/memory.ts';

const samplesOf = (...mebibytes: readonly number[]): MemorySample[] =>
  mebibytes.map((size, index) => ({
    queries: (index + 1) * 100,
    residentBytes: size * 2 ** 20,
    peakResidentBytes: size * 2 ** 20,
  }));

describe('judgeMemory', () => {
  it('finds memory flat that grew only in the first half', () => {
    const verdict = judgeMemory(samplesOf(50, 70, 80, 81, 80, 82, 81, 81), 0.05);
    expect(verdict).toMatchObject({ flat: true, before: 80.5 * 2 ** 20, after: 81 * 2 ** 20 });
  });

  it('finds memory that goes on growing', () => {
    const verdict = judgeMemory(samplesOf(50, 60, 70, 80, 90, 100, 110, 120), 0.05);
    expect(verdict.flat).toBe(false);
    expect(verdict.growth).toBeCloseTo(115 / 75 - 1);
  });

  it('is not misled by one sample before a collection', () => {
    expect(judgeMemory(samplesOf(80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 200), 0.05).flat).toBe(true);
  });
});
