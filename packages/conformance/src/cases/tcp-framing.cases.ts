/** T: frames, pipelining and order on one TCP connection. */

import { manyAddresses, responseTo } from '../answers.ts';
import { deepEqual, equal, ok } from '../assert.ts';
import { framed, POINTER_TO_QNAME, query, ROOT, record } from '../bytes/build.ts';
import { FLAG, TYPE } from '../bytes/numbers.ts';
import { hasFlag, optionsOf, read } from '../bytes/read.ts';
import { type ConformanceCase, TCP } from '../case.ts';
import { type CaseContext, delay, endWithin } from '../context.ts';
import { alive, answered, SILENCE_MS, unseen } from '../expectations.ts';

/** Far enough apart for two reads. */
const APART_MS = 20;

export const TCP_FRAMING_CASES: readonly ConformanceCase[] = [
  {
    id: 'T1',
    level: 'MUST',
    reference: 'RFC 1035 §4.2.2',
    title: 'MUST put a length of two octets before each message',
    transports: TCP,
    async run(context) {
      const client = await context.tcp();
      await alive(context, client);
      equal(client.pendingBytes, 0, 'the frame is as long as its prefix says');
    },
  },
  {
    id: 'T2',
    level: 'MUST',
    reference: 'RFC 1035 §4.2.2, RFC 7766 §8',
    title: 'MUST accept a length prefix and a message split across segments, wherever they are split',
    transports: TCP,
    async run(context) {
      const length = framed(query({ name: context.qname('split') })).length;
      const splitAt = async (index: number) => {
        const client = await context.tcp();
        const asked = query({ name: context.qname('split') });
        const frame = framed(asked);
        client.write(frame.subarray(0, index));
        await delay(APART_MS);
        client.write(frame.subarray(index));
        answered(asked, read(await client.next()));
      };
      await Promise.all(Array.from({ length: length - 1 }, (_, index) => splitAt(index + 1)));
    },
  },
  {
    id: 'T2.octet-by-octet',
    level: 'MUST',
    reference: 'RFC 1035 §4.2.2, RFC 7766 §8',
    title: 'MUST accept a frame that comes octet by octet',
    transports: TCP,
    async run(context) {
      const client = await context.tcp();
      const asked = query({ name: context.qname() });
      for (const octet of framed(asked)) {
        client.write(Buffer.from([octet]));
        await delay(2);
      }
      answered(asked, read(await client.next()));
    },
  },
  {
    id: 'T3.one-and-a-half',
    level: 'MUST',
    reference: 'RFC 1035 §4.2.2',
    title: 'MUST answer one and a half frames, then the rest',
    transports: TCP,
    async run(context) {
      const client = await context.tcp();
      const pair = [1, 2].map((id) => query({ id, name: context.qname() }));
      const octets = Buffer.concat(pair.map(framed));
      const half = Math.floor((octets.length * 3) / 4);
      client.write(octets.subarray(0, half));
      const first = read(await client.next());
      client.write(octets.subarray(half));
      answered(pair[0] ?? ROOT, first);
      answered(pair[1] ?? ROOT, read(await client.next()));
    },
  },
  {
    id: 'T7',
    level: 'SHOULD',
    reference: 'RFC 7766 §8',
    title: 'SHOULD send the prefix and the message in one write',
    transports: TCP,
    async run(context) {
      for (let round = 0; round < 20; round += 1) {
        const client = await context.tcp();
        const reply = await context.ask(query({ name: context.qname() }), { client });
        equal(client.reads[0], 2 + reply.bytes.length, 'the first segment holds the whole frame');
      }
    },
  },
  ...([0, 1, 2, 11] as const).map(
    (length): ConformanceCase => ({
      id: length === 0 ? 'T8' : `T9.${length}-octets`,
      level: 'POLICY',
      reference: 'RFC 7766 §8',
      title: `MUST close the connection after a frame of ${length} octets, once the replies in flight are out`,
      transports: TCP,
      async run(context) {
        await hangsUp(context, Buffer.alloc(length));
      },
    }),
  ),
  {
    id: 'T10',
    level: 'MUST',
    reference: 'RFC 1035 §4.1.1',
    title: 'MUST not answer a response (QR=1) between queries, and close after the replies in flight',
    transports: TCP,
    async run(context) {
      await hangsUp(context, query({ name: context.qname(), flags: FLAG.QR | FLAG.RD }));
      equal(context.journal.filter((each) => hasFlag(each, 'QR')).length, 0, 'the response goes nowhere');
    },
  },
  {
    id: 'T10.alone',
    level: 'MUST',
    reference: 'RFC 1035 §4.1.1, RFC 5358 §4',
    title: 'MUST drop responses (QR=1) of any kind without a reply',
    transports: TCP,
    async run(context) {
      for (const flags of [FLAG.QR, FLAG.QR | FLAG.TC, FLAG.QR | FLAG.RD | FLAG.RA]) {
        const client = await context.tcp();
        client.send(query({ name: context.qname(), flags }));
        await delay(SILENCE_MS / 3);
        equal(client.received.length, 0, 'no reply');
      }
      unseen(context);
      await alive(context);
    },
  },
  {
    id: 'T11.in',
    level: 'MUST',
    reference: 'RFC 1035 §4.2.2',
    title: 'MUST forward a query of 65,535 octets whole',
    transports: TCP,
    async run(context) {
      const qname = context.qname();
      const empty = query({ name: qname, opt: { options: [{ code: 65_001 }] } }).length;
      const data = Buffer.alloc(65_535 - empty, 0x5a);
      const asked = query({ name: qname, opt: { options: [{ code: 65_001, data }] } });
      answered(asked, await context.ask(asked));
      deepEqual(optionsOf(context.lastQuery, 65_001), [data], 'all of it at the upstream');
    },
  },
  {
    id: 'T11.out',
    level: 'MUST',
    reference: 'RFC 1035 §4.2.2',
    title: 'MUST deliver a response of 65,535 octets whole',
    transports: TCP,
    async run(context) {
      const asked = read(query({ name: context.qname(), type: 65_280 }));
      const empty = responseTo(asked, {
        answers: [record({ owner: POINTER_TO_QNAME, type: 65_280, rdata: ROOT })],
      }).length;
      const rdata = Buffer.alloc(65_535 - empty + 1, 0x5a);
      context.respond((each) =>
        responseTo(each, {
          answers: [record({ owner: POINTER_TO_QNAME, type: 65_280, rdata })],
          noOpt: true,
        }),
      );
      const reply = await context.ask(asked.bytes);
      equal(reply.bytes.length, 65_535, '65,535 octets');
      deepEqual(reply.answers[0]?.rdata, rdata, 'octet for octet');
    },
  },
  {
    id: 'T24',
    level: 'MUST',
    reference: 'RFC 5625 §4.4',
    title: 'MUST not truncate a reply over TCP',
    transports: TCP,
    async run(context) {
      context.respond((asked) => responseTo(asked, { answers: manyAddresses(1_250) }));
      const reply = await context.ask(query({ name: context.qname(), type: TYPE.A }));
      ok(!hasFlag(reply, 'TC'), 'TC=0');
      equal(reply.answers.length, 1_250, 'all records');
    },
  },
];

/** A query that is in flight is still answered, then the connection ends; and nobody else is hurt. */
async function hangsUp(context: CaseContext, bad: Buffer): Promise<void> {
  context.respond(async (asked) => {
    await delay(100);
    return context.answer(asked);
  });
  const other = await context.tcp();
  const client = await context.tcp();
  const asked = query({ name: context.qname() });
  client.write(Buffer.concat([framed(asked), framed(bad)]));
  answered(asked, read(await client.next()));
  equal(await endWithin(client, 3_000), 'fin', 'the connection ends in order');
  equal(client.received.length, 1, 'no other reply');
  await alive(context, other);
}
