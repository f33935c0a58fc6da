/** T: how TCP connections end, what they may cost, and how many there may be. */
import { largeAnswer } from '../answers.ts';

import { equal, ok } from '../assert.ts';
import { framed, query, ROOT } from '../bytes/build.ts';
import { OPTION } from '../bytes/numbers.ts';
import { optionsOf, read } from '../bytes/read.ts';
import { type ConformanceCase, TCP } from '../case.ts';
import { TcpClient } from '../client.ts';
import { delay, endWithin } from '../context.ts';
import { alive, answered, eventually } from '../expectations.ts';

const IDLE_MS = 500;
const IDLE = { needs: ['limits'], setup: { settings: { idleTimeoutMs: IDLE_MS } } } as const;

export const TCP_LIFECYCLE_CASES: readonly ConformanceCase[] = [
  {
    id: 'T13',
    level: 'MUST',
    reference: 'RFC 1035 §4.2.2, RFC 7766 §6.2.4',
    title: 'MUST answer all queries of a client that has closed its sending side, then close',
    transports: TCP,
    async run(context) {
      context.respond(async (asked) => {
        await delay(300);
        return context.answer(asked);
      });
      const client = await context.tcp();
      const queries = Array.from({ length: 10 }, (_, id) => query({ id, name: context.qname() }));
      client.write(Buffer.concat(queries.map(framed)));
      client.end();
      const replies = (await client.take(10)).map(read);
      for (const reply of replies) answered(queries[reply.id] ?? ROOT, reply);
      equal(await endWithin(client, 3_000), 'fin', 'then the end of the connection');
    },
  },
  {
    id: 'T14',
    level: 'MUST',
    reference: 'RFC 1035 §4.2.2',
    title: 'MUST answer what came whole before a frame that is cut off by the end of the connection',
    transports: TCP,
    async run(context) {
      const client = await context.tcp();
      const asked = query({ name: context.qname() });
      client.write(Buffer.concat([framed(asked), Buffer.from([0, 100]), Buffer.alloc(40)]));
      client.end();
      answered(asked, read(await client.next()));
      equal(await endWithin(client, 3_000), 'fin', 'the connection ends');
      equal(client.received.length, 1, 'no reply for the stump');
      await alive(context);
    },
  },
  ...(['reset', 'close'] as const).map(
    (how): ConformanceCase => ({
      id: `T15.${how}`,
      level: 'MUST',
      reference: 'RFC 7766 §6.2.4',
      title: `MUST survive a ${how} with queries in flight, and keep the upstream connection`,
      transports: TCP,
      async run(context) {
        await alive(context);
        context.respond(async (asked) => {
          await delay(200);
          return context.answer(asked);
        });
        const connections = context.upstream.journal.connectionCount;
        const client = await TcpClient.open(context.subject);
        const queries = Array.from({ length: 50 }, (_, id) => query({ id, name: context.qname() }));
        client.write(Buffer.concat(queries.map(framed)));
        await eventually('50 queries at the upstream', () => context.journal.length >= 51);
        if (how === 'reset') client.reset();
        else client.close();
        await delay(300);
        await alive(context);
        ok(
          context.upstream.journal.connectionCount <= Math.max(connections, 2),
          'no new upstream connection',
        );
      },
    }),
  ),
  {
    id: 'T17',
    level: 'SHOULD',
    reference: 'RFC 7766 §6.2.3, RFC 9210 §4.5',
    title: 'SHOULD close a connection that was idle for the time that is set, with FIN',
    transports: TCP,
    ...IDLE,
    async run(context) {
      const client = await context.tcp();
      await alive(context, client);
      await closesAfter(client, IDLE_MS);
    },
  },
  {
    id: 'T17.never-used',
    level: 'SHOULD',
    reference: 'RFC 7766 §6.2.3',
    title: 'SHOULD close a connection that never brought a query',
    transports: TCP,
    ...IDLE,
    async run(context) {
      await closesAfter(await context.tcp(), IDLE_MS);
    },
  },
  {
    id: 'T18',
    level: 'SHOULD',
    reference: 'RFC 7766 §6.2.3',
    title: 'SHOULD restart the idle clock on whole messages, not on octets',
    transports: TCP,
    ...IDLE,
    async run(context) {
      const client = await context.tcp();
      const timer = setInterval(() => client.write(Buffer.from([0])), IDLE_MS / 3);
      context.cleanup(() => clearInterval(timer));
      client.write(Buffer.from([1]));
      await closesAfter(client, IDLE_MS);
    },
  },
  {
    id: 'T19',
    level: 'MUST',
    reference: 'RFC 7766 §3, RFC 7828 §3',
    title: 'MUST not take a connection for idle while it owes a reply',
    transports: TCP,
    ...IDLE,
    async run(context) {
      context.respond(async (asked) => {
        await delay(3 * IDLE_MS);
        return context.answer(asked);
      });
      const asked = query({ name: context.qname() });
      answered(asked, await context.ask(asked));
    },
  },
  {
    id: 'T20',
    level: 'SHOULD',
    reference: 'RFC 7766 §6.2.1, RFC 7858 §3.4',
    title: 'SHOULD keep the connection open after a reply',
    transports: TCP,
    async run(context) {
      const client = await context.tcp();
      await alive(context, client);
      await delay(2_000);
      await alive(context, client);
    },
  },
  {
    id: 'T23',
    level: 'MUST',
    reference: 'RFC 1122 §4.2.2.13',
    title: 'MUST lose no reply when it closes an idle connection, even with octets unread',
    transports: TCP,
    ...IDLE,
    async run(context) {
      context.respond((asked) => largeAnswer(asked));
      const client = await context.tcp();
      client.pause();
      client.send(query({ name: context.qname(), type: 65_280 }));
      // Half a frame that will never be whole: closing with it unread would reset the connection.
      client.write(Buffer.from([0, 100, 1]));
      await delay(IDLE_MS / 2);
      client.resume();
      equal(read(await client.next()).answers.length, 1, 'the whole reply');
      equal(await endWithin(client, 3 * IDLE_MS), 'fin', 'the end, no reset');
    },
  },
  {
    id: 'T25',
    level: 'SHOULD',
    reference: 'RFC 7828 §3.3.2',
    title: "SHOULD not hand the upstream's keepalive time to a client: none, or its own",
    transports: TCP,
    async run(context) {
      context.respond((asked) =>
        context.answer(asked, { options: [{ code: OPTION.KEEPALIVE, data: Buffer.from([0x27, 0x0f]) }] }),
      );
      const reply = await context.ask(
        query({ name: context.qname(), opt: { options: [{ code: OPTION.KEEPALIVE }] } }),
      );
      for (const data of optionsOf(reply, OPTION.KEEPALIVE)) {
        ok(data.length === 2 && data.readUInt16BE(0) !== 9_999, 'not the time of the upstream');
      }
    },
  },
];

/** Within 20 %, and 400 ms for a busy machine. */
async function closesAfter(client: TcpClient, idleMs: number): Promise<void> {
  const from = performance.now();
  equal(await endWithin(client, 4 * idleMs), 'fin', 'closed with FIN');
  const lasted = performance.now() - from;
  ok(
    lasted > idleMs * 0.8 - 20 && lasted < idleMs * 1.2 + 400,
    `closed after ${Math.round(lasted)} ms, set were ${idleMs}`,
  );
}
