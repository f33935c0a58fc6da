import { type LoadFigures, latencyOf } from './figures.ts';

/**
 * Reads dnsperf's standard output, with or without its `-v`.
 *
 * @throws {Error} when the statistics are missing: dnsperf did not finish.
 */
export function parseDnsperf(output: string): LoadFigures {
  const latency = /Average Latency \(s\):\s+(\S+) \(min \S+, max (\S+)\)/.exec(output);
  return {
    completed: numberAfter(output, 'Queries completed'),
    lost: numberAfter(output, 'Queries lost'),
    queriesPerSecond: numberAfter(output, 'Queries per second'),
    latencyMs: {
      ...latencyOf(eachLatencyMs(output)),
      mean: milliseconds(latency?.[1]),
      max: milliseconds(latency?.[2]),
    },
    rcodes: rcodesOf(output),
  };
}

function numberAfter(output: string, label: string): number {
  const found = new RegExp(`^\\s*${label}:\\s+([\\d.]+)`, 'm').exec(output)?.[1];
  if (found === undefined) throw new Error(`dnsperf printed no "${label}": ${output.slice(-500)}`);
  return Number(found);
}

/** `-v` prints `> NOERROR name type seconds` for each response, and `> T name type` for each timeout. */
function eachLatencyMs(output: string): Float64Array {
  const found = output.matchAll(/^> [A-Z0-9]+ \S+ \S+ ([\d.]+)$/gm);
  return Float64Array.from(found, (line) => milliseconds(line[1]));
}

function rcodesOf(output: string): Record<string, number> {
  const line = /Response codes:\s+(.*)$/m.exec(output)?.[1] ?? '';
  return Object.fromEntries(
    [...line.matchAll(/(\S+) (\d+) \(/g)].map((found) => [found[1], Number(found[2])]),
  );
}

function milliseconds(seconds: string | undefined): number {
  return Number(seconds ?? Number.NaN) * 1000;
}
