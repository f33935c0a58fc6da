import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '@tridot/peers';
import { BENCH_LIMITS } from '../limits.ts';
import { parseDnsperf } from './dnsperf-output.ts';
import type { LoadFigures } from './figures.ts';

export interface LoadOptions {
  readonly port: number;
  /** Default `udp`. Over TCP each client has one connection, and keeps it. */
  readonly transport?: 'udp' | 'tcp';
  /** The names to ask for, as dnsperf reads them. */
  readonly namesFile: string;
  /** At most; 0: until all passes are done. */
  readonly seconds: number;
  readonly clients: number;
  readonly inFlight: number;
  /** Queries a second; 0: as many as are answered. */
  readonly rate: number;
  readonly core: number;
  /** How often the file is gone through at most. Default: until `seconds` are over. */
  readonly passes?: number;
  /** Keeps each query's latency, for percentiles. That costs the load generator time of its own. Default false. */
  readonly eachLatency?: boolean;
  /** Where the output may lie until it is read. */
  readonly directory: string;
}

/**
 * Loads a server on 127.0.0.1 with dnsperf.
 *
 * @throws {Error} when dnsperf is not installed or did not finish.
 */
export async function runDnsperf(options: LoadOptions): Promise<LoadFigures> {
  const program = findProgram('dnsperf');
  if (program === null) throw new Error('dnsperf is not installed');
  // A file takes the lines of `-v` without anyone having to read them while the load runs.
  const outputFile = join(options.directory, 'dnsperf.out');
  const output = openSync(outputFile, 'w');
  try {
    const args = ['-c', String(options.core), program, ...dnsperfArguments(options)];
    const child = spawn(findProgram('taskset') ?? 'taskset', args, { stdio: ['ignore', output, 'ignore'] });
    await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
    return parseDnsperf(readFileSync(outputFile, 'utf8'));
  } finally {
    closeSync(output);
    rmSync(outputFile, { force: true });
  }
}

function dnsperfArguments(options: LoadOptions): string[] {
  return [
    ...['-s', '127.0.0.1', '-p', String(options.port)],
    ...['-m', options.transport ?? 'udp', '-d', options.namesFile],
    ...['-c', String(options.clients), '-q', String(options.inFlight)],
    ...['-t', String(BENCH_LIMITS.loadTimeoutSeconds.default)],
    ...(options.passes === undefined ? [] : ['-n', String(options.passes)]),
    ...(options.seconds > 0 ? ['-l', String(options.seconds)] : []),
    ...(options.rate > 0 ? ['-Q', String(options.rate)] : []),
    ...(options.eachLatency === true ? ['-v'] : []),
  ];
}
