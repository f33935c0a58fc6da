import { largeAnswer } from '../answers.ts';
import { equal, ok } from '../assert.ts';
import { query, ROOT } from '../bytes/build.ts';
import { read } from '../bytes/read.ts';
import { type ConformanceCase, TCP } from '../case.ts';
import type { TcpClient } from '../client.ts';
import { type CaseContext, delay, endWithin } from '../context.ts';
import { alive, answered, eventually } from '../expectations.ts';
import { connectionsTo, memoryOf } from '../proc.ts';

const IDLE_MS = 500;
const STALL_MS = 1_000;
const KEPT_BYTES = 20_000_000;

export const TCP_LIMIT_CASES: readonly ConformanceCase[] = [
  {
    id: 'T12',
    level: 'MUST',
    reference: 'RFC 7766 §10',
    title: 'MUST bound what a client that never reads can cost, then disconnect it',
    transports: TCP,
    needs: ['limits'],
    setup: { settings: { writeStallMs: STALL_MS, idleTimeoutMs: 5_000 } },
    async run(context) {
      await neverReads(context);
      await delay(STALL_MS);
      await eventually(
        'the connection is closed',
        async () => ((await connectionsTo(context.subject.port)) ?? 0) <= 1,
        4 * STALL_MS,
      );
      await alive(context);
    },
  },
  {
    id: 'T12.memory',
    level: 'MUST',
    reference: 'RFC 7766 §10',
    title: 'MUST not keep more than 20 MB for a client that never reads 30 MB of replies',
    transports: TCP,
    needs: ['process'],
    setup: { settings: { writeStallMs: STALL_MS }, fresh: true },
    async run(context) {
      // Large replies let the process grow until its garbage is collected as fast as it is made: that is not counted.
      const { pid } = await context.subject.health();
      await readLargeReplies(context, 600);
      const before = (await memoryOf(pid)) ?? 0;
      await neverReads(context);
      let more = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 20 && more >= KEPT_BYTES; round += 1) {
        await readLargeReplies(context, 30);
        more = Math.min(more, ((await memoryOf(pid)) ?? 0) - before);
      }
      ok(more < KEPT_BYTES, `${Math.round(more / 1e6)} MB more`);
    },
  },
  {
    id: 'T21',
    level: 'SHOULD',
    reference: 'RFC 7766 §6.2.2, RFC 9210 §4.5',
    title: 'SHOULD close the longest idle connection to make room for one more than the limit',
    transports: TCP,
    needs: ['limits'],
    setup: { settings: { maxConnections: 3 } },
    async run(context) {
      const [oldest, ...others] = await openInTurn(context, 3);
      const late = await context.tcp();
      const asked = query({ name: context.qname() });
      answered(asked, await context.ask(asked, { client: late }));
      equal(
        oldest === undefined ? 'none' : await endWithin(oldest, 3_000),
        'fin',
        'the longest idle one is closed',
      );
      for (const other of others) {
        const again = query({ name: context.qname() });
        answered(again, await context.ask(again, { client: other }));
      }
      answered(asked, await context.ask(asked, { client: await context.udp() }));
    },
  },
  {
    id: 'T21.none-idle',
    level: 'SHOULD',
    reference: 'RFC 7766 §6.2.2',
    title: 'SHOULD close a new connection at once when every other is owed a reply',
    transports: TCP,
    needs: ['limits'],
    setup: { settings: { maxConnections: 3 } },
    async run(context) {
      context.respond(async (asked) => {
        await delay(500);
        return context.answer(asked);
      });
      const busy = await Promise.all([1, 2, 3].map(() => context.tcp()));
      const queries = busy.map(() => query({ name: context.qname() }));
      busy.forEach((client, index) => {
        client.send(queries[index] ?? ROOT);
      });
      await eventually('the queries are in flight', () => context.journal.length === 3);
      const late = await context.tcp();
      ok((await endWithin(late, 450)) !== 'open', 'the new one is closed at once');
      for (const [index, client] of busy.entries())
        answered(queries[index] ?? ROOT, read(await client.next()));
    },
  },
  {
    id: 'T22',
    level: 'MUST',
    reference: 'RFC 7766 §10',
    title: 'MUST serve others while connections that bring one octet each take every slot, and free them',
    transports: TCP,
    needs: ['limits'],
    outcome: 'varies',
    setup: { settings: { maxConnections: 200, idleTimeoutMs: IDLE_MS } },
    async run(context) {
      const crowd = await Promise.all(Array.from({ length: 200 }, () => context.tcp()));
      for (const client of crowd) client.write(Buffer.from([0]));
      const asked = query({ name: context.qname() });
      answered(asked, await context.ask(asked, { client: await context.udp() }));
      const ends = await Promise.all(crowd.map((client) => endWithin(client, 10 * IDLE_MS)));
      equal(ends.filter((end) => end === 'open').length, 0, 'all slots are free again');
      await alive(context);
    },
  },
  {
    id: 'T27',
    level: 'MUST',
    reference: '',
    title: 'MUST survive that it runs out of file descriptors',
    transports: TCP,
    needs: ['process', 'open-files'],
    outcome: 'varies',
    setup: { settings: { openFiles: 64 }, fresh: true },
    async run(context) {
      const clients = await Promise.all(
        Array.from({ length: 200 }, () => context.tcp().catch(() => undefined)),
      );
      await delay(300);
      for (const client of clients) client?.close();
      await delay(300);
      await alive(context);
    },
  },
];

/** Replies of 60 KB, read one after the other. */
async function readLargeReplies(context: CaseContext, count: number): Promise<void> {
  context.respond(async (asked) => largeAnswer(asked));
  const client = await context.tcp();
  for (let index = 0; index < count; index += 1) {
    await context.ask(query({ name: context.qname(), type: 65_280 }), { client });
  }
  client.close();
}

/** 500 queries with replies of 60 KB, of which the client reads none. */
async function neverReads(context: CaseContext): Promise<void> {
  context.respond((asked, { query: octets }) =>
    octets.includes('big') ? largeAnswer(asked) : context.answer(asked),
  );
  const greedy = await context.tcp();
  greedy.pause();
  for (let id = 0; id < 500; id += 1) greedy.send(query({ id, name: context.qname('big'), type: 65_280 }));
  const sentAt = performance.now();
  await alive(context);
  ok(performance.now() - sentAt < 3_000, 'another client is served meanwhile');
}

/** Connections that were used one after the other, the first longest ago. */
async function openInTurn(context: CaseContext, count: number): Promise<TcpClient[]> {
  const clients: TcpClient[] = [];
  for (let index = 0; index < count; index += 1) {
    const client = await context.tcp();
    const asked = query({ name: context.qname() });
    answered(asked, await context.ask(asked, { client }));
    clients.push(client);
    await delay(20);
  }
  return clients;
}
