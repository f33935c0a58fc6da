import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { findProgram } from '@tridot/peers';
import { rotated } from '../method/statistics.ts';
import { unusualMessages } from './messages.ts';
import {
  CODEC_NAMES,
  type CodecFidelity,
  type CodecName,
  type CodecResult,
  type CodecRow,
  type CodecRun,
} from './result.ts';

export interface CodecOptions {
  readonly rounds: number;
  /** For each operation on each message. */
  readonly milliseconds: number;
  readonly core: number;
  readonly onProgress: (line: string) => void;
}

const PROGRAM = fileURLToPath(new URL('./codec-main.ts', import.meta.url));
/** Mebibytes. Holds all that is allocated while allocation is counted. */
const YOUNG_GENERATION = '512';
const ALLOCATION_FLAGS = [
  '--expose-gc',
  `--min-semi-space-size=${YOUNG_GENERATION}`,
  `--max-semi-space-size=${YOUNG_GENERATION}`,
];

/** Measures every codec once each round, a process for each, in a rotated order. */
export async function measureCodecs(options: CodecOptions): Promise<CodecResult> {
  const { rounds, milliseconds, core, onProgress } = options;
  const runs = new Map<CodecName, CodecRun[]>(CODEC_NAMES.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of rotated(CODEC_NAMES, round)) {
      onProgress(`round ${round + 1}/${rounds} codec ${name}`);
      runs.get(name)?.push(await runProgram(core, [], name, String(milliseconds)));
    }
  }
  const rows: CodecRow[] = [];
  const fidelity: CodecFidelity[] = [];
  for (const [name, timed] of runs) {
    const allocating = await runProgram(core, ALLOCATION_FLAGS, name, 'allocation');
    rows.push(...rowsOf(name, timed, allocating));
    const { changed, refused } = allocating;
    fidelity.push({
      codec: name,
      version: versionOf(name),
      messages: unusualMessages().length,
      changed,
      refused,
    });
  }
  return { rows, fidelity };
}

async function runProgram(core: number, flags: string[], ...about: string[]): Promise<CodecRun> {
  const command = [process.execPath, ...flags, PROGRAM, ...about];
  const taskset = findProgram('taskset');
  const [program = '', ...args] = taskset === null ? command : [taskset, '-c', String(core), ...command];
  const output = await text(spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] }).stdout);
  if (output === '') throw new Error(`the run of codec ${about.join(' ')} did not finish`);
  const run: CodecRun = JSON.parse(output);
  return run;
}

function rowsOf(codec: CodecName, timed: readonly CodecRun[], allocating: CodecRun): CodecRow[] {
  return allocating.figures.map(({ message, messageBytes, operation, value }, index) => ({
    ...{ codec, message, messageBytes, operation },
    nanoseconds: timed.map((run) => run.figures[index]?.value ?? Number.NaN),
    allocatedBytes: value,
  }));
}

function versionOf(codec: CodecName): string {
  const name = codec === 'wire' ? '@tridot/wire' : codec;
  const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  const manifest: { readonly version: string } = JSON.parse(readFileSync(file, 'utf8'));
  return manifest.version;
}
