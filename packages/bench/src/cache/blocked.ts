/** What a long block list costs: the start, memory, the reload, and every query that is not on it. */
import { appendFileSync, closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunningSubject } from '@tridot/peers';
import { seededRandom } from '@tridot/testbed';
import { BENCH_LIMITS } from '../limits.ts';
import { startSubject } from '../method/measure.ts';
import { readProcess } from '../method/process-figures.ts';
import type { BlockedPart } from './result.ts';
import { type CacheStage, measureLookUp } from './rounds-parts.ts';
import { rawWith } from './subjects.ts';

export async function measureBlocked(names: number, stage: CacheStage): Promise<BlockedPart> {
  const file = join(stage.upstream.directory, 'blocked.list');
  writeBlockList(file, names);
  const fileBytes = statSync(file).size;
  const startMs = { without: [] as number[], withList: [] as number[] };
  const residentBytes = { without: [] as number[], withList: [] as number[] };
  const reloadMs: number[] = [];
  const residentBytesAfterReload: number[] = [];
  for (let turn = 0; turn < BENCH_LIMITS.blockedStarts.default; turn += 1) {
    const without = await startAndSettle([], stage);
    await without.running.stop();
    startMs.without.push(without.startMs);
    residentBytes.without.push(without.residentBytes);
    const withList = await startAndSettle(['--block-file', file], stage);
    try {
      startMs.withList.push(withList.startMs);
      residentBytes.withList.push(withList.residentBytes);
      reloadMs.push(await timeReload(withList.running, file, turn));
      residentBytesAfterReload.push(readProcess(withList.running.pid).residentBytes);
    } finally {
      await withList.running.stop();
    }
    stage.onProgress(
      `${without.startMs.toFixed(0)} ms to listen, ${withList.startMs.toFixed(0)} with the list`,
    );
  }
  const lookUp = await measureLookUp(file, stage);
  return { names, fileBytes, startMs, residentBytes, reloadMs, residentBytesAfterReload, lookUp };
}

async function startAndSettle(flags: readonly string[], { upstream, method }: CacheStage) {
  const startedAt = performance.now();
  const running = await startSubject(rawWith('raw', flags), true, upstream, method);
  const startMs = performance.now() - startedAt;
  await delay(BENCH_LIMITS.idleMs.default);
  return { running, startMs, residentBytes: readProcess(running.pid).residentBytes };
}

/** Adds a name, and waits until the log tells of the file once more. */
async function timeReload(running: RunningSubject, file: string, turn: number): Promise<number> {
  const before = timesRead(running, file);
  const startedAt = performance.now();
  appendFileSync(file, `added-${turn}.example.com\n`);
  while (timesRead(running, file) === before) {
    const waitedMs = performance.now() - startedAt;
    if (waitedMs > BENCH_LIMITS.blockedReloadMs.default) throw new Error(`a changed list was not read again`);
    await delay(BENCH_LIMITS.startProbeMs.default);
  }
  return performance.now() - startedAt;
}

function timesRead(running: RunningSubject, file: string): number {
  return running.log().split(`${file}: `).length - 1;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** Not the domain that the load asks for: none of its names may be blocked. */
const ENDS = ['example.net', 'example.org'];
const LINES_PER_WRITE = 10_000;

/** Names of the lengths that public lists have, 22 octets on the wire on average; the same each time. */
export function writeBlockList(file: string, names: number): void {
  const random = seededRandom(1);
  const below = (count: number) => Math.floor(random() * count);
  const name = () => {
    const label = Array.from({ length: 4 + below(9) }, () => LETTERS[below(LETTERS.length)]).join('');
    return `${label}.${ENDS[below(ENDS.length)]}\n`;
  };
  const list = openSync(file, 'w');
  try {
    for (let written = 0; written < names; written += LINES_PER_WRITE) {
      const lines = Math.min(LINES_PER_WRITE, names - written);
      writeSync(list, Array.from({ length: lines }, name).join(''));
    }
  } finally {
    closeSync(list);
  }
}
