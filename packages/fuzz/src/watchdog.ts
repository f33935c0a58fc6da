/** Runs in a thread of its own: a process whose event loop is caught in a loop cannot say so itself. */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { generateBatch, type Side } from './generate.ts';
import { keep } from './kept.ts';

/** What the watched thread tells: it turns `beats` up, and writes the iteration it is about to try. */
export interface WatchdogData {
  readonly shared: SharedArrayBuffer;
  readonly hangMs: number;
  readonly seed: number;
  readonly side: Side;
  readonly keepIn: string;
}

const STDERR = 2;
const { shared, hangMs, seed, side, keepIn }: WatchdogData = workerData;
const cells = new Int32Array(shared);
let lastBeat = -1;
let sinceMs = performance.now();

const timer = setInterval(look, hangMs / 10);
parentPort?.on('message', () => {
  clearInterval(timer);
  parentPort?.close();
});

function look(): void {
  const beat = Atomics.load(cells, 0);
  if (beat !== lastBeat) {
    lastBeat = beat;
    sinceMs = performance.now();
  } else if (performance.now() - sinceMs > hangMs) {
    giveUp(Atomics.load(cells, 1));
  }
}

function giveUp(iteration: number): never {
  const path = keep(keepIn, {
    name: `hang-${seed}-${iteration}`,
    about: `the process hung at seed ${seed}, iteration ${iteration}`,
    batch: generateBatch(seed, iteration, side),
  });
  writeSync(STDERR, `FOUND hang: seed ${seed}, iteration ${iteration}, side ${side}; kept: ${path}\n`);
  process.kill(process.pid, 'SIGKILL');
  throw new Error('unreachable');
}
