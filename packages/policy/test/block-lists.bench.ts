/**
 * Measures what block lists cost: `node packages/policy/test/block-lists.bench.ts [names]`, with `--expose-gc` for exact
 * memory. Makes a list of random names of the lengths that public lists have, so nothing is fetched.
 */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { argv, cpuUsage, exit, memoryUsage, stdout, version } from 'node:process';
import { type Layout, walk } from '@tridot/wire';
import { createPolicy, type Policy } from '../src/index.ts';
import { query } from './messages.ts';

const NAMES = Number(argv[2] ?? 2_000_000);
const ROUNDS = 7;
const LOOKUPS = 1_000_000;
const MEBIBYTE = 1_048_576;

let state = 0x1234_5678;
/** The same names in every run (xorshift). */
function random(below: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789-';
const ENDS = ['com', 'net', 'org', 'info', 'example', 'co.uk', 'xyz', 'ru', 'de', 'top'];

/** Three labels in most cases, 22 octets on the wire on average, as in the public lists. */
function randomName(): string {
  const label = (length: number) => Array.from({ length }, () => LETTERS[random(36)]).join('');
  const first = random(3) === 0 ? '' : `${label(3 + random(5))}.`;
  return `${first}${label(6 + random(10))}.${ENDS[random(ENDS.length)]}`;
}

async function writeList(file: string): Promise<void> {
  const stream = createWriteStream(file);
  for (let i = 0; i < NAMES; ) {
    const lines: string[] = [];
    for (; lines.length < 10_000 && i < NAMES; i++) lines.push(`${randomName()}\n`);
    if (!stream.write(lines.join(''))) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
}

interface Asked {
  readonly message: Buffer;
  readonly layout: Layout;
}

/** Names that no list has, or that the list has. */
function queries(make: () => string): Asked[] {
  return Array.from({ length: 20_000 }, () => {
    const message = query({ qname: make(), opt: { dnssecOk: false } });
    return { message, layout: walk(message) };
  });
}

/** Median nanoseconds of CPU time of one call, over rounds; other programs that run meanwhile are not counted. */
function nanoseconds(policy: Policy, asked: readonly Asked[]): string {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => {
    const before = cpuUsage();
    for (let i = 0; i < LOOKUPS; i++) {
      const one = asked[i % asked.length];
      if (one !== undefined) policy.answer(one.message, one.layout);
    }
    const { user, system } = cpuUsage(before);
    return ((user + system) * 1e3) / LOOKUPS;
  });
  const sorted = rounds.slice(1).toSorted((a, b) => a - b);
  return `${sorted[ROUNDS >> 1]?.toFixed(0)} ns (${sorted[0]?.toFixed(0)} to ${sorted.at(-1)?.toFixed(0)})`;
}

function residentMib(): number {
  globalThis.gc?.();
  return memoryUsage.rss() / MEBIBYTE;
}

/** The most CPU time that went by between two turns of the event loop while something ran: how long a query waits. */
function watchTurns(): () => string {
  const turns: number[] = [];
  let isWatching = true;
  let before = cpuUsage();
  const turn = (): void => {
    const { user, system } = cpuUsage(before);
    turns.push((user + system) / 1e3);
    before = cpuUsage();
    if (isWatching) setImmediate(turn);
  };
  setImmediate(turn);
  return () => {
    isWatching = false;
    const sorted = turns.toSorted((a, b) => b - a);
    return `longest turns ${sorted
      .slice(0, 3)
      .map((turnMs) => turnMs.toFixed(1))
      .join(', ')} ms, p99 ${sorted[Math.floor(turns.length / 100)]?.toFixed(1)} ms`;
  };
}

const directory = await mkdtemp(join(tmpdir(), 'tridot-policy-bench-'));
const file = join(directory, 'list');
await writeList(file);
const fileMib = (await stat(file)).size / MEBIBYTE;
const known = queries(() => 'x');
state = 0x1234_5678;
known.splice(0, known.length, ...queries(randomName));
state = 0x0bad_cafe;
const unknown = queries(() => `www.${randomName()}`);

const print = (line: string): boolean => stdout.write(`${line}\n`);
print(
  `Node ${version}, ${cpus()[0]?.model}, ${availableParallelism()} cores, ${NAMES} names, ${fileMib.toFixed(1)} MiB`,
);

const empty = createPolicy({ udpPayloadBytes: 1_232, specialOff: [] });
const few = unknown.slice(0, 256);
print(`no list: 256 names ${nanoseconds(empty, few)}, 20000 names ${nanoseconds(empty, unknown)}`);
for (const blockSubdomains of [false, true]) {
  const beforeMib = residentMib();
  let memoryBytes = 0;
  let names = 0;
  const policy = createPolicy({
    udpPayloadBytes: 1_232,
    blockFiles: [file],
    blockSubdomains,
    observer: {
      onFileLoaded: (loaded) => {
        ({ memoryBytes, names } = loaded);
      },
      onFileFailed: ({ error }) => {
        throw error;
      },
    },
  });
  const turns = watchTurns();
  const cpuBefore = cpuUsage();
  const startedMs = performance.now();
  await policy.start();
  const loadedMs = performance.now() - startedMs;
  const { user, system } = cpuUsage(cpuBefore);
  print(
    `subdomains ${blockSubdomains}: loaded in ${loadedMs.toFixed(0)} ms (CPU ${((user + system) / 1e3).toFixed(0)} ms), ${turns()}`,
  );
  print(
    `  ${names} names, ${(memoryBytes / MEBIBYTE).toFixed(1)} MiB, ${(memoryBytes / names).toFixed(1)} octets each`,
  );
  print(`  resident memory +${(residentMib() - beforeMib).toFixed(1)} MiB`);
  print(`  not listed: 256 names ${nanoseconds(policy, few)}, 20000 names ${nanoseconds(policy, unknown)}`);
  print(`  listed, with reply: ${nanoseconds(policy, known)}`);
  const reloadTurns = watchTurns();
  await policy.reload();
  print(`  read again: ${reloadTurns()}, resident ${(residentMib() - beforeMib).toFixed(1)} MiB after it`);
  await policy.close();
}
await rm(directory, { recursive: true });
exit();
