/**
 * Load over TCP with a connection for each query. dnsperf waits up to 100 ms before it connects anew, so this is our own
 * generator, in a process of its own: `connections-main.ts`.
 */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { findProgram } from '@tridot/peers';
import type { LoadFigures } from './figures.ts';

export interface ConnectionLoadOptions {
  readonly port: number;
  /** Names begin with this. */
  readonly prefix: string;
  /** How many different names are asked for before the first comes again; 0: none comes twice. */
  readonly names: number;
  readonly seconds: number;
  /** Connections at the same time. */
  readonly connections: number;
  readonly core: number;
}

const PROGRAM = fileURLToPath(new URL('./connections-main.ts', import.meta.url));

/** What the generator is, for the report. */
export const CONNECTION_GENERATOR = 'our own generator (Node)';

/** @throws {Error} when the generator did not finish. */
export async function runConnections(options: ConnectionLoadOptions): Promise<LoadFigures> {
  const { port, prefix, names, seconds, connections, core } = options;
  const args = [PROGRAM, ...[port, prefix, names, seconds, connections].map(String)];
  const taskset = findProgram('taskset');
  const child =
    taskset === null
      ? spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      : spawn(taskset, ['-c', String(core), process.execPath, ...args], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
  const output = await text(child.stdout);
  if (output === '') throw new Error('the generator of connections did not finish');
  const figures: LoadFigures = JSON.parse(output);
  return figures;
}
