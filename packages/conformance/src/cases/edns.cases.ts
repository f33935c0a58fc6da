/** E: what an OPT in a query or a response does, version and size. */

import { manyAddresses, responseTo } from '../answers.ts';
import { deepEqual, equal, ok } from '../assert.ts';
import { aRecord, message, name, opt, query, ROOT } from '../bytes/build.ts';
import { FLAG, OPTION, RCODE, TYPE } from '../bytes/numbers.ts';
import { hasFlag, optionsOf, read, withoutOpt } from '../bytes/read.ts';
import { BOTH, type ConformanceCase, TCP, UDP } from '../case.ts';
import { answered, edeCodes } from '../expectations.ts';

export const EDNS_CASES: readonly ConformanceCase[] = [
  {
    id: 'E1',
    level: 'MUST',
    reference: 'RFC 6891 §7',
    title: 'MUST not put an OPT into the reply to a query without one',
    transports: BOTH,
    async run(context) {
      context.respond((asked) =>
        responseTo(asked, { answers: [aRecord('192.0.2.1')], additionals: [opt()], noOpt: true }),
      );
      const reply = await context.ask(query({ name: context.qname() }));
      equal(reply.opt, undefined, 'no OPT');
      equal(reply.additionals.length, 0, 'nothing in its place');
      equal(reply.answers.length, 1, 'the answer');
    },
  },
  {
    id: 'E1.failure',
    level: 'MUST',
    reference: 'RFC 6891 §7',
    title: 'MUST not put an OPT into a failure that answers a query without one',
    transports: BOTH,
    async run(context) {
      context.respond((asked) =>
        responseTo(asked, {
          rcode: RCODE.SERVFAIL,
          additionals: [opt({ options: [{ code: OPTION.EDE, data: Buffer.from([0, 22]) }] })],
          noOpt: true,
        }),
      );
      const reply = await context.ask(query({ name: context.qname() }));
      equal(reply.opt, undefined, 'no OPT');
      equal(reply.rcode, RCODE.SERVFAIL);
    },
  },
  {
    id: 'E2',
    level: 'MUST',
    reference: 'RFC 6891 §6.1.1, §7',
    title: 'MUST put an OPT into every reply to a query with one',
    transports: BOTH,
    async run(context) {
      const asked = query({ name: context.qname(), opt: {} });
      ok((await context.ask(asked)).opt !== undefined, 'in an answer');
      context.respond((each) => responseTo(each, { answers: manyAddresses(200) }));
      const large = await context.ask(query({ name: context.qname(), opt: { udpSize: 512 } }));
      ok(large.opt !== undefined, context.transport === 'udp' ? 'in a truncated reply' : 'in a large reply');
      context.respond((each) => responseTo(each, { noOpt: true }));
      ok(
        (await context.ask(query({ name: context.qname(), opt: {} }))).opt !== undefined,
        'when the upstream gave none',
      );
    },
  },
  {
    id: 'E5',
    level: 'MUST',
    reference: 'RFC 6891 §6.1.1',
    title: 'MUST accept an OPT anywhere in the additional section',
    transports: BOTH,
    async run(context) {
      const behind = aRecord('192.0.2.9', name('behind.example.com'));
      const asked = query({ name: context.qname(), additionals: [opt({ udpSize: 512 }), behind] });
      const reply = await context.ask(asked);
      answered(asked, reply);
      ok(reply.opt !== undefined, 'an OPT in the reply');
      deepEqual(withoutOpt(context.lastQuery), withoutOpt(read(asked)), 'all but the OPT at the upstream');
    },
  },
  {
    id: 'E8',
    level: 'MUST',
    reference: 'RFC 6891 §6.1.4, RFC 8906 §3.2.4',
    title: 'MUST pass unknown EDNS flags up',
    transports: BOTH,
    async run(context) {
      const asked = query({ name: context.qname(), opt: { z: 0x7fff } });
      answered(asked, await context.ask(asked));
      equal(context.lastQuery.opt?.z, 0x7fff, 'all of them at the upstream');
    },
  },
  {
    id: 'E8.own',
    level: 'MUST',
    reference: 'RFC 6891 §6.1.4, RFC 8906 §3.2.4',
    title: 'MUST set no unknown EDNS flag in a refusal of its own',
    transports: BOTH,
    async run(context) {
      const refused = await context.ask(
        query({ name: context.qname(), type: TYPE.AXFR, opt: { z: 0x7fff } }),
      );
      equal(refused.opt?.z, 0, 'none in an error reply');
    },
  },
  {
    id: 'E9',
    level: 'MUST',
    reference: 'RFC 3225 §3',
    title: 'MUST pass DO both ways',
    transports: BOTH,
    async run(context) {
      for (const up of [true, false]) {
        for (const down of [true, false]) {
          context.respond((asked) =>
            responseTo(asked, { additionals: [opt({ dnssecOk: down })], noOpt: true }),
          );
          const reply = await context.ask(query({ name: context.qname(), opt: { dnssecOk: up } }));
          equal(context.lastQuery.opt?.dnssecOk, up, 'DO at the upstream');
          equal(reply.opt?.dnssecOk, down, 'DO in the reply');
        }
      }
    },
  },
  {
    id: 'E11',
    level: 'MUST',
    reference: 'RFC 6891 §6.2.3, §6.2.5',
    title: 'MUST take UDP sizes below 512 for 512',
    transports: UDP,
    async run(context) {
      for (const udpSize of [0, 1, 511]) {
        context.respond((asked) => responseTo(asked, { answers: manyAddresses(25) }));
        const small = await context.ask(query({ name: context.qname(), opt: { udpSize } }));
        ok(!hasFlag(small, 'TC') && small.bytes.length > 440, `whole: ${small.bytes.length} octets`);
        context.respond((asked) => responseTo(asked, { answers: manyAddresses(40) }));
        const large = await context.ask(query({ name: context.qname(), opt: { udpSize } }));
        ok(hasFlag(large, 'TC') && large.bytes.length <= 512, `truncated: ${large.bytes.length} octets`);
      }
    },
  },
  {
    id: 'E12',
    level: 'POLICY',
    reference: 'RFC 6891 §6.2.4, RFC 9715 §3',
    title: 'MUST name its own UDP size to clients, not that of the upstream',
    transports: BOTH,
    async run(context) {
      context.respond((asked) => context.answer(asked, { udpSize: 65_535 }));
      const reply = await context.ask(query({ name: context.qname(), opt: { udpSize: 4_096 } }));
      equal(reply.opt?.udpSize, 1_232);
    },
  },
  {
    id: 'E13',
    level: 'MUST',
    reference: 'RFC 6891 §6.2.3',
    title: 'MUST not let the UDP size of a client shrink the answer that is fetched over TLS',
    transports: TCP,
    async run(context) {
      // An upstream that honours the size which it is told.
      context.respond((asked) => {
        const whole = responseTo(asked, { answers: manyAddresses(60) });
        return whole.length <= (asked.opt?.udpSize ?? 512)
          ? whole
          : responseTo(asked, { flags: FLAG.QR | FLAG.TC });
      });
      const reply = await context.ask(query({ name: context.qname(), opt: { udpSize: 512 } }));
      equal(reply.answers.length, 60, 'the whole answer');
      ok(!hasFlag(reply, 'TC'), 'TC=0');
    },
  },
  {
    id: 'E17',
    level: 'MUST',
    reference: 'RFC 1035 §4.1.4',
    title: 'MUST keep compression pointers right when it edits an OPT that lies before their targets',
    transports: BOTH,
    async run(context) {
      let sent = ROOT;
      context.respond((asked) => {
        const padding = { code: OPTION.PADDING, data: Buffer.alloc(100) };
        // Who sent no OPT gets none (RFC 6891 §7), and there is nothing to edit.
        const edns =
          asked.opt === undefined ? [] : [opt({ options: [padding, { code: 65_001, data: ROOT }] })];
        const head = message({
          id: asked.id,
          flags: FLAG.QR | FLAG.RD | FLAG.RA,
          questions: asked.questions,
          additionals: [aRecord('192.0.2.1', name('before.example.com')), ...edns],
          counts: [1, 0, 0, 3 + edns.length],
        });
        const target = Buffer.alloc(2);
        target.writeUInt16BE(0xc000 | head.length);
        const behind = aRecord('192.0.2.2', name('behind.example.com'));
        sent = Buffer.concat([head, behind, aRecord('192.0.2.3', target)]);
        return sent;
      });
      for (const edns of [{}, { opt: { udpSize: 1_232 } }]) {
        const asked = read(query({ name: context.qname(), ...edns }));
        const reply = await context.ask(asked.bytes);
        deepEqual(withoutOpt(reply), withoutOpt(read(sent)), 'the records, decoded');
        equal(reply.opt === undefined, asked.opt === undefined, 'OPT as asked');
      }
    },
  },
  {
    id: 'E21',
    level: 'SHOULD',
    reference: 'RFC 8914 §2, §3',
    title: "SHOULD pass the upstream's EDE, and give its own only with its own failure and an OPT",
    transports: BOTH,
    async run(context) {
      const asked = query({ name: context.qname(), opt: {} });
      deepEqual(edeCodes(await context.ask(asked)), [], 'none beside a good answer');
      context.respond((each) =>
        context.answer(each, { options: [{ code: OPTION.EDE, data: Buffer.from([0, 17, 0x68, 0x69]) }] }),
      );
      const reply = await context.ask(query({ name: context.qname(), opt: {} }));
      deepEqual(
        optionsOf(reply, OPTION.EDE).map((data) => data.toString('hex')),
        ['00116869'],
        "the upstream's",
      );
    },
  },
  {
    id: 'E23',
    level: 'SHOULD',
    reference: 'RFC 6891 §6.2.2',
    title: 'SHOULD ask again without OPT a server that refuses an OPT which the client did not send',
    transports: BOTH,
    async run(context) {
      for (const rcode of [RCODE.FORMERR, RCODE.NOTIMP]) {
        context.respond((asked) =>
          asked.opt === undefined ? context.answer(asked) : responseTo(asked, { rcode, noOpt: true }),
        );
        const asked = query({ name: context.qname() });
        answered(asked, await context.ask(asked));
      }
    },
  },
];
