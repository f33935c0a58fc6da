/** Makes a batch smaller for as long as it still fails: whole inputs first, then pieces of them, then octets. */
import { framed } from '@tridot/testbed';
import type { Batch, ScriptedAnswer, Stream, Write } from './batch.ts';
import { framesIn } from './cutting.ts';

export interface ShrinkOptions {
  readonly fails: (batch: Batch) => Promise<boolean>;
  readonly maxRuns: number;
  readonly maxMs: number;
}

/** @returns the smallest batch found that fails; the given one when no smaller does. */
export async function shrink(batch: Batch, { fails, maxRuns, maxMs }: ShrinkOptions): Promise<Batch> {
  const untilMs = performance.now() + maxMs;
  let smallest = batch;
  let runs = 0;
  let progress = true;
  while (progress) {
    progress = false;
    for (const candidate of smaller(smallest)) {
      if (runs >= maxRuns || performance.now() > untilMs) return smallest;
      runs += 1;
      if (await fails(candidate)) {
        smallest = candidate;
        progress = true;
        break;
      }
    }
  }
  return smallest;
}

/** Simpler batches, boldest first. */
export function* smaller(batch: Batch): Generator<Batch> {
  const { datagrams, streams, answers } = batch;
  for (const fewer of fewerOf(datagrams)) yield { ...batch, datagrams: fewer };
  for (const fewer of fewerOf(streams)) yield { ...batch, streams: fewer };
  for (const fewer of fewerOf(answers)) yield { ...batch, answers: fewer };
  if (batch.setting !== 'usual') yield { ...batch, setting: 'usual' };
  for (const simpler of eachSimpler(streams, simplerStream)) yield { ...batch, streams: simpler };
  for (const simpler of eachSimpler(answers, simplerAnswer)) yield { ...batch, answers: simpler };
  for (const simpler of eachSimpler(datagrams, shorter)) yield { ...batch, datagrams: simpler };
  for (const simpler of eachSimpler(datagrams, plainer)) yield { ...batch, datagrams: simpler };
}

function* fewerOf<T>(list: readonly T[]): Generator<T[]> {
  for (let size = list.length; size >= 1; size = size >> 1) {
    for (let from = 0; from < list.length; from += size) yield list.toSpliced(from, size);
  }
}

function* eachSimpler<T>(list: readonly T[], simplify: (item: T) => Iterable<T>): Generator<T[]> {
  for (const [index, item] of list.entries()) {
    for (const simpler of simplify(item)) yield list.with(index, simpler);
  }
}

function* simplerStream(stream: Stream): Generator<Stream> {
  const whole = Buffer.concat(stream.chunks);
  if (stream.chunks.length > 1) yield { ...stream, chunks: [whole] };
  for (let at = 1; at < stream.chunks.length && at < 40; at += 1) {
    const joined = Buffer.concat(stream.chunks.slice(at - 1, at + 1));
    yield { ...stream, chunks: stream.chunks.toSpliced(at - 1, 2, joined) };
  }
  if (stream.ending !== 'half-close') yield { ...stream, ending: 'half-close' };
  const { messages, rest } = framesIn(whole);
  if (stream.chunks.length > 1) return;
  if (rest.length > 0) yield { ...stream, chunks: [whole.subarray(0, whole.length - rest.length)] };
  for (const fewer of fewerOf(messages)) yield { ...stream, chunks: [joinFrames(fewer, rest)] };
  for (const simpler of eachSimpler(messages, shorter))
    yield { ...stream, chunks: [joinFrames(simpler, rest)] };
  for (const simpler of eachSimpler(messages, plainer))
    yield { ...stream, chunks: [joinFrames(simpler, rest)] };
}

function joinFrames(messages: readonly Buffer[], rest: Buffer): Buffer {
  return Buffer.concat([...messages.map(framed), rest]);
}

function* simplerAnswer(answer: ScriptedAnswer): Generator<ScriptedAnswer> {
  for (const attempts of fewerOf(answer.attempts)) yield { ...answer, attempts };
  for (const [index, attempt] of answer.attempts.entries()) {
    const put = (writes: readonly Write[]) => ({
      ...answer,
      attempts: answer.attempts.with(index, { ...attempt, writes }),
    });
    for (const writes of fewerOf(attempt.writes)) yield put(writes);
    for (const writes of eachSimpler(attempt.writes, simplerWrite)) yield put(writes);
  }
}

function* simplerWrite(write: Write): Generator<Write> {
  if (write.cuts.length > 0) yield { ...write, cuts: [] };
  if (write.wrongIdBits !== 0) yield { ...write, wrongIdBits: 0 };
  for (const octets of shorter(write.octets)) yield { ...write, octets };
  for (const octets of plainer(write.octets)) yield { ...write, octets };
}

/** Without a half, a quarter … down to single octets. */
function* shorter(octets: Buffer): Generator<Buffer> {
  for (let size = octets.length >> 1; size >= 1; size >>= 1) {
    for (let from = octets.length - size; from >= 0; from -= size) {
      yield Buffer.concat([octets.subarray(0, from), octets.subarray(from + size)]);
    }
  }
}

/** With zeros in place of octets that may not matter. */
function* plainer(octets: Buffer): Generator<Buffer> {
  for (let size = octets.length >> 2; size >= 1; size >>= 1) {
    for (let from = 0; from + size <= octets.length; from += size) {
      if (octets.subarray(from, from + size).every((octet) => octet === 0)) continue;
      const copy = Buffer.from(octets);
      yield copy.fill(0, from, from + size);
    }
  }
}
