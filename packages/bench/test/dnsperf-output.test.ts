import { describe, expect, it } from 'vitest';
import { parseDnsperf } from '../src/load/dnsperf-output.ts';

const STATISTICS = `[Status] Testing complete (time limit)

Statistics:

  Queries sent:         53308
  Queries completed:    53247 (99.89%)
  Queries lost:         61 (0.11%)

  Response codes:       NOERROR 53000 (99.54%), SERVFAIL 247 (0.46%)
  Average packet size:  request 34, response 61
  Run time (s):         1.004476
  Queries per second:   53009.728455

  Average Latency (s):  0.004016 (min 0.000099, max 0.017585)
  Latency StdDev (s):   0.001711
`;

describe('parseDnsperf', () => {
  it('reads the statistics', () => {
    expect(parseDnsperf(STATISTICS)).toEqual({
      completed: 53_247,
      lost: 61,
      queriesPerSecond: 53_009.728455,
      latencyMs: { mean: expect.closeTo(4.016, 6), max: expect.closeTo(17.585, 6) },
      rcodes: { NOERROR: 53_000, SERVFAIL: 247 },
    });
  });

  it('takes percentiles from the lines of each query, and leaves timeouts out', () => {
    const lines = Array.from({ length: 100 }, (_, index) => {
      const seconds = ((100 - index) / 1000).toFixed(6);
      return `> ${index % 2 === 0 ? 'NOERROR' : 'NXDOMAIN'} n${index}.example.com A ${seconds}`;
    });
    const output = [...lines, '> T lost.example.com A', STATISTICS].join('\n');
    const { latencyMs } = parseDnsperf(output);
    expect(latencyMs.p50).toBeCloseTo(50, 6);
    expect(latencyMs.p99).toBeCloseTo(99, 6);
    expect(latencyMs.p999).toBeCloseTo(100, 6);
  });

  it('has no percentiles without those lines', () => {
    expect(parseDnsperf(STATISTICS).latencyMs).not.toHaveProperty('p50');
  });

  it('refuses output without statistics', () => {
    expect(() => parseDnsperf('[Status] Started')).toThrow('Queries completed');
  });
});
