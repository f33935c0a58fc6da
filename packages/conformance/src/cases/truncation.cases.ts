/** C: replies that are too large for UDP. */

import { manyAddresses, responseTo } from '../answers.ts';
import { deepEqual, equal, ok } from '../assert.ts';
import { aRecord, message, name, opt, POINTER_TO_QNAME, query, record } from '../bytes/build.ts';
import { FLAG, OPTION, RCODE, TYPE } from '../bytes/numbers.ts';
import { hasFlag, type ReadMessage, read } from '../bytes/read.ts';
import { BOTH, type ConformanceCase, UDP } from '../case.ts';
import type { CaseContext } from '../context.ts';
import { matches } from '../expectations.ts';

/** The largest reply over UDP that the subject's own size allows. */
const CAP = 1_232;

export const TRUNCATION_CASES: readonly ConformanceCase[] = [
  {
    id: 'C1',
    level: 'MUST',
    reference: 'RFC 1035 §4.2.1',
    title: 'MUST send 512 octets whole and truncate 513 when the query has no OPT',
    transports: UDP,
    async run(context) {
      await boundary(context, 512);
    },
  },
  ...[600, CAP, 4_096].map(
    (udpSize): ConformanceCase => ({
      id: `C2.${udpSize}`,
      level: 'MUST',
      reference: 'RFC 6891 §6.2.3, RFC 9715 §3',
      title: `MUST limit replies to a UDP size of ${udpSize}, and to its own of ${CAP}`,
      transports: UDP,
      async run(context) {
        await boundary(context, Math.min(udpSize, CAP), udpSize);
      },
    }),
  ),
  {
    id: 'C3',
    level: 'MUST',
    reference: 'RFC 5625 §4.4',
    title: 'MUST give a truncated reply TC=1, true counts and no octets behind them',
    transports: UDP,
    async run(context) {
      for (const count of [60, 100, 4_000]) {
        for (const edns of [{}, { opt: { udpSize: 700 } }]) {
          context.respond((asked) => responseTo(asked, { answers: manyAddresses(count) }));
          wellTruncated(
            await context.ask(query({ name: context.qname(), ...edns })),
            edns.opt?.udpSize ?? 512,
          );
        }
      }
    },
  },
  {
    id: 'C4',
    level: 'MUST',
    reference: 'RFC 6891 §7',
    title: 'MUST keep header, question and, if asked, OPT in a truncated reply',
    transports: UDP,
    async run(context) {
      // One record that alone is too large.
      context.respond((asked) =>
        responseTo(asked, {
          answers: [record({ owner: POINTER_TO_QNAME, type: 65_280, rdata: Buffer.alloc(3_000) })],
        }),
      );
      for (const edns of [{}, { opt: { dnssecOk: true } }]) {
        const asked = read(query({ name: context.qname(), type: 65_280, ...edns }));
        const reply = await context.ask(asked.bytes);
        matches(asked, reply);
        ok(hasFlag(reply, 'TC'), 'TC=1');
        equal(reply.opt?.dnssecOk, asked.opt?.dnssecOk, 'OPT and DO as asked');
      }
    },
  },
  {
    id: 'C5',
    level: 'POLICY',
    reference: 'RFC 2181 §9',
    title: 'MUST keep the whole answer records that fit in a truncated reply',
    oursAlone: 'a choice: the others send a truncated reply without records',
    transports: UDP,
    async run(context) {
      const answers = manyAddresses(40);
      context.respond((asked) => responseTo(asked, { answers }));
      const reply = await context.ask(query({ name: context.qname() }));
      ok(hasFlag(reply, 'TC'), 'TC=1');
      ok(reply.answers.length >= 20, `${reply.answers.length} records kept, at least 20`);
      reply.answers.forEach((each, index) => {
        deepEqual(each.rdata, Buffer.from([192, 0, 0, index]), 'the first ones, in order');
      });
    },
  },
  {
    id: 'C6',
    level: 'MUST',
    reference: 'RFC 1035 §4.1.1',
    title: 'MUST keep rcode, AA, AD, CD, RA and RD in a truncated reply',
    transports: UDP,
    async run(context) {
      const flags = FLAG.QR | FLAG.AA | FLAG.AD | FLAG.CD | FLAG.RA | FLAG.RD;
      const proof = Array.from({ length: 8 }, () =>
        record({ owner: name('example.com'), type: TYPE.RRSIG, rdata: Buffer.alloc(256) }),
      );
      context.respond((asked) => responseTo(asked, { flags, rcode: RCODE.NXDOMAIN, authorities: proof }));
      for (const edns of [{}, { opt: { dnssecOk: true } }]) {
        const reply = await context.ask(query({ name: context.qname(), flags: FLAG.RD | FLAG.CD, ...edns }));
        equal(reply.rcode, RCODE.NXDOMAIN);
        equal(reply.flags, flags | FLAG.TC);
      }
    },
  },
  {
    id: 'C6.extended-rcode',
    level: 'MUST',
    reference: 'RFC 6891 §6.1.3',
    title: 'MUST keep the extended rcode and the options that fit in a truncated reply',
    oursAlone: 'dnsdist and stubby cut the OPT off, the others do not pass on an rcode that they do not know',
    transports: UDP,
    async run(context) {
      const ede = { code: OPTION.EDE, data: Buffer.from([0, 6]) };
      context.respond((asked) =>
        responseTo(asked, {
          rcode: 1,
          answers: manyAddresses(100),
          additionals: [opt({ extendedRcode: 2, options: [ede] })],
          noOpt: true,
        }),
      );
      const reply = await context.ask(query({ name: context.qname(), opt: { udpSize: 512 } }));
      wellTruncated(reply, 512);
      equal(reply.rcode, 33, 'the extended rcode');
    },
  },
  {
    id: 'C7',
    level: 'MUST',
    reference: 'RFC 5625 §4.4',
    title: 'MUST never remove TC of the upstream, nor ask again for ever',
    transports: BOTH,
    async run(context) {
      context.respond((asked) =>
        responseTo(asked, { flags: FLAG.QR | FLAG.RD | FLAG.RA | FLAG.TC, answers: [aRecord('192.0.2.1')] }),
      );
      const reply = await context.ask(query({ name: context.qname() }));
      ok(hasFlag(reply, 'TC'), 'TC=1');
      equal(context.journal.length, 1, 'one query at the upstream');
    },
  },
  {
    id: 'C8',
    level: 'MUST',
    reference: 'RFC 9471 §3, RFC 2181 §9',
    title: 'MUST not drop the glue of a referral without TC',
    transports: UDP,
    async run(context) {
      const servers = Array.from({ length: 13 }, (_, index) => name(`ns${index}.example.com`));
      context.respond((asked) =>
        responseTo(asked, {
          flags: FLAG.QR,
          authorities: servers.map((server) =>
            record({ owner: name('example.com'), type: TYPE.NS, rdata: server }),
          ),
          additionals: servers.map((server) => aRecord('192.0.2.53', server)),
        }),
      );
      const reply = await context.ask(query({ name: context.qname() }));
      wellTruncated(reply, 512);
    },
  },
  {
    id: 'C9',
    level: 'MUST',
    reference: 'RFC 7766 §5',
    title: 'MUST give the whole answer over TCP to a client that got TC over UDP',
    transports: UDP,
    async run(context) {
      context.respond((asked) => responseTo(asked, { answers: manyAddresses(60) }));
      const asked = query({ name: context.qname() });
      ok(hasFlag(await context.ask(asked), 'TC'), 'TC=1 over UDP');
      const whole = await context.ask(asked, { client: await context.tcp() });
      ok(!hasFlag(whole, 'TC'), 'TC=0 over TCP');
      equal(whole.answers.length, 60, 'all records');
    },
  },
  {
    id: 'C10',
    level: 'SHOULD',
    reference: 'RFC 5358 §4',
    title: 'SHOULD not answer a bad request with more than its own length and an OPT',
    transports: UDP,
    async run(context) {
      const qname = name(context.qname());
      const bad = [
        message({ questions: [{ name: qname }, { name: qname }] }),
        message({ questions: [{ name: qname }], counts: [1, 0, 0, 1] }),
        message({ questions: [], counts: [1, 0, 0, 0] }),
        query({ name: qname, additionals: [opt(), opt()] }),
        query({ name: qname, opt: { version: 7 } }),
        query({ name: qname, type: TYPE.AXFR }),
        message({ opcode: 6, flags: 0 }),
      ];
      const client = await context.udp();
      for (const asked of bad) {
        const reply = await context.askRaw(asked, { client });
        ok(reply.length <= asked.length + 11, `${reply.length} octets for ${asked.length}`);
      }
    },
  },
];

/** A reply as long as the limit comes whole; one octet more is truncated. */
async function boundary(context: CaseContext, limit: number, udpSize?: number): Promise<void> {
  const edns = udpSize === undefined ? {} : { opt: { udpSize } };
  for (const length of [limit, limit + 1]) {
    context.respond((asked) => {
      const make = (octets: number) =>
        responseTo(asked, {
          answers: [1, 2].map((which) =>
            record({
              owner: POINTER_TO_QNAME,
              type: 65_280,
              rdata: Buffer.alloc(which === 1 ? 8 : octets + 1, which),
            }),
          ),
          additionals: udpSize === undefined ? [] : [opt()],
          noOpt: true,
        });
      return make(length - make(0).length);
    });
    const reply = await context.ask(query({ name: context.qname(), type: 65_280, ...edns }));
    if (length === limit) {
      ok(!hasFlag(reply, 'TC'), `${length} octets are whole`);
      equal(reply.bytes.length, length);
    } else {
      wellTruncated(reply, limit);
    }
  }
}

function wellTruncated(reply: ReadMessage, limit: number): void {
  ok(hasFlag(reply, 'TC'), 'TC=1');
  ok(reply.bytes.length <= limit, `${reply.bytes.length} octets, at most ${limit}`);
  equal(reply.tail.length, 0, 'no octets behind the last record');
}
