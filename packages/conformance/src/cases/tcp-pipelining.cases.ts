/** T: many queries on one TCP connection. */
import { behaviours } from '@tridot/testbed';
import { responseTo } from '../answers.ts';
import { equal, ok } from '../assert.ts';
import { framed, POINTER_TO_QNAME, query, ROOT, record } from '../bytes/build.ts';
import { read } from '../bytes/read.ts';
import { type ConformanceCase, TCP } from '../case.ts';
import type { TcpClient } from '../client.ts';
import { type CaseContext, delay } from '../context.ts';
import { answered, matches, SILENCE_MS } from '../expectations.ts';

export const TCP_PIPELINING_CASES: readonly ConformanceCase[] = [
  {
    id: 'T3',
    level: 'MUST',
    reference: 'RFC 7766 §6.2.1.1',
    title: 'MUST answer every query of many in one segment',
    transports: TCP,
    async run(context) {
      await pipelined(context, 100, (client, frames) => client.write(Buffer.concat(frames)));
    },
  },
  {
    id: 'T4',
    level: 'SHOULD',
    reference: 'RFC 7766 §6.2.1.1, §7',
    title: 'SHOULD answer queries of one connection out of order, as their answers are ready',
    transports: TCP,
    async run(context) {
      const [slow, fast] = [context.qname('slow'), context.qname('fast')];
      context.respond(async (asked, { query: octets }) => {
        if (octets.includes('slow')) await delay(500);
        return context.answer(asked);
      });
      const client = await context.tcp();
      client.send(query({ id: 1, name: slow }));
      await context.arrived(1);
      client.send(query({ id: 2, name: fast }));
      equal(read(await client.next()).id, 2, 'the second query is answered first');
      equal(read(await client.next()).id, 1, 'then the first');
    },
  },
  {
    id: 'T5',
    level: 'MUST',
    reference: 'RFC 7766 §6.2.1.1',
    title: 'MUST answer all of 2,000 pipelined queries',
    transports: TCP,
    async run(context) {
      await pipelined(context, 2_000, (client, frames) => {
        for (const frame of frames) client.write(frame);
      });
    },
  },
  {
    id: 'T5.few-in-flight',
    level: 'MUST',
    reference: 'RFC 7766 §6.2.1.1',
    title: 'MUST answer all pipelined queries when few may be in flight, by reading no further meanwhile',
    transports: TCP,
    needs: ['limits'],
    setup: { settings: { maxInFlight: 5 } },
    async run(context) {
      await pipelined(context, 500, (client, frames) => client.write(Buffer.concat(frames)));
    },
  },
  {
    id: 'T5.no-more',
    level: 'POLICY',
    reference: '',
    title: 'MUST not have more pipelined queries in flight than its limit',
    transports: TCP,
    needs: ['limits'],
    setup: { settings: { maxInFlight: 5 } },
    async run(context) {
      const hold = behaviours.hold();
      context.upstream.behave(hold);
      const client = await context.tcp();
      const queries = Array.from({ length: 50 }, (_, id) => query({ id, name: context.qname() }));
      client.write(Buffer.concat(queries.map(framed)));
      await context.arrived(5);
      await delay(SILENCE_MS);
      equal(context.journal.length, 5, 'queries at the upstream');
      hold.open();
      await client.take(queries.length, context.deadlineMs);
    },
  },
  {
    id: 'T6',
    level: 'MUST',
    reference: 'RFC 1035 §4.2.2',
    title: 'MUST not interleave the octets of replies, whatever their lengths and order',
    transports: TCP,
    async run(context) {
      const lengths = Array.from({ length: 1_000 }, (_, index) =>
        index % 10 === 0 ? 60_000 : (index * 37) % 3_000,
      );
      context.respond(async (asked) => {
        await delay((asked.id * 7) % 40);
        const rdata = Buffer.alloc(lengthOf(lengths, asked.questions[0]?.name), asked.questions[0]?.name[2]);
        return responseTo(asked, { answers: [record({ owner: POINTER_TO_QNAME, type: 65_280, rdata })] });
      });
      const client = await context.tcp();
      const queries = lengths.map((_, id) => query({ id, name: `n${id}.example.com`, type: 65_280 }));
      client.write(Buffer.concat(queries.map(framed)));
      const replies = await client.take(queries.length, 10_000);
      const seen = new Set<number>();
      for (const octets of replies) {
        const reply = read(octets);
        matches(read(queries[reply.id] ?? ROOT), reply);
        equal(reply.answers[0]?.rdata.length, lengths[reply.id], 'the length that belongs to the name');
        seen.add(reply.id);
      }
      equal(seen.size, queries.length, 'each once');
    },
  },
  {
    id: 'T16',
    level: 'MUST',
    reference: 'RFC 7766 §6.2.1',
    title: 'MUST answer both queries of a client that uses an ID twice at once',
    transports: TCP,
    async run(context) {
      context.respond(async (asked) => {
        await delay(50);
        return context.answer(asked);
      });
      const client = await context.tcp();
      const pair = [context.qname(), context.qname()].map((name) => query({ id: 9, name }));
      for (const each of pair) client.send(each);
      const replies = (await client.take(2)).map(read);
      for (const each of pair) {
        const asked = read(each);
        const reply = replies.find((candidate) => candidate.questionBytes.equals(asked.questionBytes));
        ok(reply !== undefined, 'a reply with each question');
        answered(each, reply);
      }
    },
  },
  {
    id: 'T28',
    level: 'MUST',
    reference: 'RFC 896',
    title: 'MUST not hold back the second of two replies',
    transports: TCP,
    alone: true,
    async run(context) {
      // The second reply is small and follows the first at once: with Nagle it waits for the client's acknowledgement.
      context.respond(async (asked) => {
        await delay(asked.questions[0]?.name.includes('later') === true ? 10 : 0);
        return context.answer(asked);
      });
      const client = await context.tcp();
      const times: number[] = [];
      for (let round = 0; round < 21; round += 1) {
        const sentAt = performance.now();
        client.write(
          Buffer.concat(
            [context.qname('now'), context.qname('later')].map((qname) => framed(query({ name: qname }))),
          ),
        );
        await client.take(2);
        times.push(performance.now() - sentAt);
      }
      // A busy machine delays some; a reply that waits for an acknowledgement is late in nearly every round.
      const quarter = times.sort((one, other) => one - other)[5] ?? 0;
      ok(quarter < 35, `both replies within 35 ms, not ${Math.round(quarter)}`);
    },
  },
];

/** Sends so many frames and wants each answered once, by its ID. */
async function pipelined(
  context: CaseContext,
  count: number,
  write: (client: TcpClient, frames: readonly Buffer[]) => void,
): Promise<void> {
  const client = await context.tcp();
  const queries = Array.from({ length: count }, (_, id) => query({ id, name: context.qname() }));
  write(client, queries.map(framed));
  const replies = (await client.take(count, 10_000)).map(read);
  equal(new Set(replies.map((reply) => reply.id)).size, count, 'each once');
  for (const reply of replies) answered(queries[reply.id] ?? ROOT, reply);
}

function lengthOf(lengths: readonly number[], name: Buffer | undefined): number {
  const digits = /n(\d+)/.exec(name?.toString('latin1') ?? '')?.[1];
  return lengths[Number(digits)] ?? 0;
}
