/**
 * `codec-main.ts NAME MILLISECONDS`: measures one codec in a process of its own and prints what that came to as JSON.
 * `codec-main.ts NAME allocation` counts what it allocates instead: that takes a young generation so large that nothing
 * is collected, in which everything is slow.
 */
import { Bench } from 'tinybench';
import { BENCH_LIMITS } from '../limits.ts';
import { type Codec, loadCodec } from './codecs.ts';
import { fidelityOf } from './fidelity.ts';
import { type NamedMessage, unusualMessages, usualMessages } from './messages.ts';
import {
  CODEC_NAMES,
  CODEC_OPERATIONS,
  type CodecFigures,
  type CodecOperation,
  type CodecRun,
} from './result.ts';

/** What operations come to, kept so that none of them can be left out. */
export let kept: unknown = null;

const [name, what] = process.argv.slice(2);
const codec = await loadCodec(CODEC_NAMES.find((known) => known === name) ?? 'wire');
const run: CodecRun = {
  figures: what === 'allocation' ? tasksOf(codec).map(allocation) : await time(codec, Number(what)),
  ...fidelityOf(codec, unusualMessages()),
};
console.log(JSON.stringify(run));

interface Task {
  readonly message: NamedMessage;
  readonly operation: CodecOperation;
  readonly act: () => unknown;
}

function tasksOf(measured: Codec): Task[] {
  return usualMessages().flatMap((message) =>
    CODEC_OPERATIONS.map((operation) => ({ message, operation, act: once(measured, message, operation) })),
  );
}

/** In nanoseconds. */
async function time(measured: Codec, milliseconds: number): Promise<CodecFigures[]> {
  const bench = new Bench({ time: milliseconds, warmupTime: milliseconds / 4, iterations: 10, throws: true });
  const tasks = tasksOf(measured);
  for (const { message, operation, act } of tasks) {
    bench.add(`${operation} ${message.name}`, () => repeat(act, BENCH_LIMITS.codecBatch.default));
  }
  await bench.run();
  return tasks.map((task, index) => {
    const result = bench.tasks[index]?.result;
    if (result?.state !== 'completed') throw new Error(`${measured.name}: ${task.operation} did not finish`);
    return figures(task, (result.latency.p50 * 1e6) / BENCH_LIMITS.codecBatch.default);
  });
}

/** In bytes. The young generation is larger than all of it, so that nothing is collected in between. */
function allocation(task: Task): CodecFigures {
  const times = BENCH_LIMITS.codecAllocations.default;
  globalThis.gc?.();
  const before = process.memoryUsage();
  repeat(task.act, times);
  const after = process.memoryUsage();
  const bytes = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
  return figures(task, bytes / times);
}

function figures({ message, operation }: Task, value: number): CodecFigures {
  return { message: message.name, messageBytes: message.octets.length, operation, value };
}

function once(measured: Codec, { octets }: NamedMessage, operation: CodecOperation): () => unknown {
  return operation === 'read' ? () => measured.read(octets) : () => measured.passOn(octets, 0x4321);
}

function repeat(act: () => unknown, times: number): void {
  for (let left = times; left > 0; left -= 1) kept = act();
}
