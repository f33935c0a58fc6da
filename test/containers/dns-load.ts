import { writeFileSync } from 'node:fs';
import { hostCommand } from './containers.ts';
import { run } from './programs.ts';

export interface Load {
  readonly port: number;
  readonly transport: 'udp' | 'tcp';
  readonly seconds: number;
  readonly queriesPerSecond: number;
}

/** What dnsperf counted. */
export interface LoadResult {
  readonly sent: number;
  readonly completed: number;
  readonly lost: number;
  /** How many responses had each RCODE. */
  readonly rcodes: Readonly<Record<string, number>>;
  readonly maxLatencySeconds: number;
}

const CLIENTS = '4';
const IN_FLIGHT = '200';
const NAMES = 5_000;

/** Writes queries of names that all differ, so that no cache hides the upstream. */
export function writeQueries(file: string): void {
  writeFileSync(file, Array.from({ length: NAMES }, (_, i) => `token-${i}.example.com A\n`).join(''));
}

/** Runs dnsperf against loopback in the network of the containers' host. A query unanswered for 5 s is lost. */
export async function load(
  queries: string,
  { port, transport, seconds, queriesPerSecond }: Load,
): Promise<LoadResult> {
  const { command, args } = hostCommand(
    'dnsperf',
    '-s',
    '127.0.0.1',
    '-p',
    String(port),
    '-m',
    transport,
    '-d',
    queries,
    '-l',
    String(seconds),
    '-Q',
    String(queriesPerSecond),
    '-c',
    CLIENTS,
    '-T',
    '1',
    '-q',
    IN_FLIGHT,
    '-t',
    '5',
  );
  return parse(await run(command, args));
}

function parse(output: string): LoadResult {
  const rcodes = /Response codes:\s*(.*)/.exec(output)?.[1] ?? '';
  return {
    sent: figure(output, /Queries sent:\s+(\d+)/),
    completed: figure(output, /Queries completed:\s+(\d+)/),
    lost: figure(output, /Queries lost:\s+(\d+)/),
    rcodes: Object.fromEntries(
      [...rcodes.matchAll(/([A-Z]+) (\d+)/g)].map(([, name, count]) => [name, Number(count)]),
    ),
    maxLatencySeconds: figure(output, /Average Latency \(s\):.*max ([\d.]+)/),
  };
}

function figure(output: string, pattern: RegExp): number {
  const [, text] = pattern.exec(output) ?? [];
  if (text === undefined) throw new Error(`dnsperf did not say ${pattern.source}\n${output}`);
  return Number(text);
}
