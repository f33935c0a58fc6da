import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { BENCH_LIMITS } from '../limits.ts';
import { encodeQuery } from '../query.ts';

/** What became of queries that were asked seldom. */
export interface SeldomFigures {
  readonly asked: number;
  /** Answered with a failure such as SERVFAIL. */
  readonly failed: number;
  /** Not answered before a stub resolver gives up. */
  readonly unanswered: number;
  /** Of each query that was answered well, in the order of asking. */
  readonly latenciesMs: readonly number[];
}

/** Asks a server on 127.0.0.1 over UDP at the given moments, whether or not earlier queries are answered. */
export async function askOnSchedule(port: number, momentsMs: readonly number[]): Promise<SeldomFigures> {
  const socket = createSocket('udp4');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const pending = new Map<number, (reply: Buffer | null) => void>();
  socket.on('message', (reply) => pending.get(reply.length < 12 ? -1 : reply.readUInt16BE(0))?.(reply));
  socket.on('error', () => {});
  const startedAt = performance.now();
  const latenciesMs: number[] = [];
  let failed = 0;
  let unanswered = 0;

  const ask = async (index: number) => {
    const before = performance.now();
    const reply = await replyTo(index);
    if (reply === null) unanswered += 1;
    else if (((reply[3] ?? 0) & 15) !== 0) failed += 1;
    else latenciesMs.push(performance.now() - before);
  };
  const replyTo = (index: number) =>
    new Promise<Buffer | null>((resolve) => {
      const id = index & 0xffff;
      const settle = (reply: Buffer | null) => {
        clearTimeout(timer);
        pending.delete(id);
        resolve(reply);
      };
      const timer = setTimeout(settle, BENCH_LIMITS.queryTimeoutMs.default, null);
      pending.set(id, settle);
      socket.send(encodeQuery(`seldom-${index}.example.com`, id), () => {});
    });

  try {
    const asking: Promise<void>[] = [];
    for (const [index, moment] of momentsMs.entries()) {
      await delay(Math.max(0, moment - (performance.now() - startedAt)));
      asking.push(ask(index));
    }
    await Promise.all(asking);
  } finally {
    socket.close();
  }
  return { asked: momentsMs.length, failed, unanswered, latenciesMs };
}
