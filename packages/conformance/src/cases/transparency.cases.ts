/** H: what passes through, and is not touched. */

import { responseTo } from '../answers.ts';
import { deepEqual, equal, ok } from '../assert.ts';
import { aRecord, message, name, opt, POINTER_TO_QNAME, query, record, withId } from '../bytes/build.ts';
import { CLASS, FLAG, OPTION, RCODE, TYPE } from '../bytes/numbers.ts';
import { hasFlag, read, withoutOpt } from '../bytes/read.ts';
import { BOTH, type ConformanceCase, TCP } from '../case.ts';
import { answered, matches } from '../expectations.ts';
import { RESPONSE_SHAPES } from '../shapes.ts';

/** Options that belong to one hop. */
const PER_HOP: ReadonlySet<number> = new Set([OPTION.COOKIE, OPTION.KEEPALIVE, OPTION.PADDING]);

export const TRANSPARENCY_CASES: readonly ConformanceCase[] = [
  {
    id: 'H1',
    level: 'MUST',
    reference: 'RFC 5625 §3',
    title: 'MUST forward a query octet for octet, but for its ID and its OPT',
    transports: BOTH,
    async run(context) {
      const asked = query({
        name: `MiXeD.${context.qname()}`,
        type: 65_280,
        flags: FLAG.RD | FLAG.AD | FLAG.CD,
      });
      await context.ask(asked);
      const sent = context.lastQuery;
      deepEqual(withId(sent.bytes.subarray(0, 10), 0), withId(asked.subarray(0, 10), 0), 'the header');
      deepEqual(sent.questionBytes, read(asked).questionBytes, 'the question');
      deepEqual(withoutOpt(sent), withoutOpt(read(asked)), 'nothing else but an OPT');
    },
  },
  {
    id: 'H1.opt',
    level: 'MUST',
    reference: 'RFC 5625 §3, RFC 6891 §6.2.6',
    title: 'MUST forward records and end-to-end EDNS options unchanged and in order',
    transports: BOTH,
    async run(context) {
      const options = [
        { code: 65_001, data: Buffer.from([1, 2, 3]) },
        { code: OPTION.NSID, data: Buffer.alloc(0) },
        { code: 65_001, data: Buffer.from([4]) },
      ];
      const extra = aRecord('192.0.2.7', name('extra.example.com'));
      const asked = query({
        name: context.qname(),
        additionals: [extra],
        opt: { dnssecOk: true, z: 1, options },
      });
      answered(asked, await context.ask(asked));
      const sent = context.lastQuery;
      deepEqual(withoutOpt(sent), withoutOpt(read(asked)), 'all but the OPT');
      deepEqual(
        sent.opt?.options.filter((each) => !PER_HOP.has(each.code)),
        options,
        'the options',
      );
      equal(sent.opt?.dnssecOk, true, 'DO');
      equal(sent.opt?.z, 1, 'the unknown flags');
    },
  },
  ...RESPONSE_SHAPES.map(
    ({ slug, row, what, reference, make }): ConformanceCase => ({
      id: `${row}.${slug}`,
      level: 'MUST',
      reference,
      title: `MUST deliver ${what} octet for octet, but for its ID`,
      transports: TCP,
      async run(context) {
        context.respond((asked) => make(asked));
        const asked = read(query({ name: context.qname(), type: 65_280 }));
        const reply = await context.ask(asked.bytes);
        deepEqual(
          withId(reply.bytes, 0).toString('hex'),
          withId(make(asked), 0).toString('hex'),
          'the same octets',
        );
      },
    }),
  ),
  {
    id: 'H3',
    level: 'MUST',
    reference: 'RFC 5625 §4.3, RFC 3597 §3',
    title: 'MUST forward every QTYPE, known or not, and send one reply each',
    transports: BOTH,
    async run(context) {
      const client = await context.open();
      const special: ReadonlySet<number> = new Set([0, TYPE.OPT, TYPE.IXFR, TYPE.AXFR]);
      const types = [...Array(271).keys(), 32_768, 32_769, 65_280, 65_534, 65_535];
      for (const [id, type] of types.entries()) {
        const asked = query({ id, name: context.qname('type'), type });
        const reply = await context.ask(asked, { client });
        equal(reply.id, id, `one reply for type ${type}`);
        if (special.has(type)) continue;
        equal(reply.rcode, RCODE.NOERROR, `the upstream's answer for type ${type}`);
        equal(context.lastQuery.questions[0]?.type, type, `type ${type} at the upstream`);
      }
      equal(client.received.length, types.length, 'one reply each');
    },
  },
  {
    id: 'H4',
    level: 'MUST',
    reference: 'RFC 3597 §4',
    title: 'MUST leave the RDATA of unknown types as it is, even where it looks like compression pointers',
    transports: BOTH,
    async run(context) {
      const rdata = Buffer.from('c00cc00cffff', 'hex');
      const answers = [record({ owner: POINTER_TO_QNAME, type: 65_280, rdata })];
      context.respond((asked) => responseTo(asked, { answers }));
      for (const edns of [{}, { opt: {} }]) {
        const reply = await context.ask(query({ name: context.qname(), type: 65_280, ...edns }));
        deepEqual(reply.answers[0]?.rdata, rdata);
      }
    },
  },
  {
    id: 'H5',
    level: 'MUST',
    reference: 'RFC 5625 §4.3',
    title: 'MUST forward every class, and answer nothing of CH by itself',
    transports: BOTH,
    async run(context) {
      for (const qname of ['version.bind', 'id.server', context.qname()]) {
        for (const klass of [CLASS.CH, CLASS.HS, CLASS.NONE, CLASS.ANY, 65_280]) {
          const asked = query({ name: qname, type: TYPE.TXT, class: klass });
          answered(asked, await context.ask(asked));
          deepEqual(
            context.lastQuery.questionBytes,
            read(asked).questionBytes,
            `class ${klass} at the upstream`,
          );
        }
      }
    },
  },
  ...flagCases(),
  {
    id: 'H12',
    level: 'MUST',
    reference: 'RFC 1035 §4.1.1',
    title: 'MUST copy RD, and not set it for the client',
    transports: BOTH,
    async run(context) {
      const reply = await context.ask(query({ name: context.qname(), flags: 0 }));
      ok(!hasFlag(context.lastQuery, 'RD'), 'RD=0 at the upstream');
      ok(!hasFlag(reply, 'RD'), 'RD=0 in the reply');
    },
  },
  {
    id: 'H25',
    level: 'MUST',
    reference: 'RFC 5625 §3, RFC 6891 §6.1.3',
    title: 'MUST pass every rcode, the extended ones too',
    transports: BOTH,
    async run(context) {
      for (const rcode of [...Array(24).keys(), 3_841, 4_095]) {
        context.respond((asked) =>
          message({
            ...{
              id: asked.id,
              questions: asked.questions,
              flags: FLAG.QR | FLAG.RD | FLAG.RA,
              rcode: rcode & 15,
            },
            additionals: [opt({ extendedRcode: rcode >> 4 })],
          }),
        );
        const reply = await context.ask(query({ name: context.qname('rcode'), opt: {} }));
        equal(reply.rcode, rcode);
      }
    },
  },
  {
    id: 'H27',
    level: 'SHOULD',
    reference: 'RFC 4343 §3',
    title: 'SHOULD accept a response whose question differs in letter case, and return the client its own',
    transports: BOTH,
    async run(context) {
      context.respond((asked) => {
        const octets = context.answer(asked);
        octets.write(octets.toString('latin1', 12, 12 + 30).toLowerCase(), 12, 'latin1');
        return octets;
      });
      const asked = query({ name: `WwW.${context.qname()}` });
      answered(asked, await context.ask(asked));
    },
  },
  {
    id: 'H28',
    level: 'MUST',
    reference: 'RFC 8482 §4',
    title: 'MUST forward ANY, and pass an HINFO that answers it',
    transports: BOTH,
    async run(context) {
      const rdata = Buffer.from('\x07RFC8482\x00', 'latin1');
      context.respond((asked) =>
        responseTo(asked, { answers: [record({ owner: POINTER_TO_QNAME, type: TYPE.HINFO, rdata })] }),
      );
      const asked = query({ name: context.qname(), type: TYPE.ANY });
      const reply = await context.ask(asked);
      matches(read(asked), reply);
      deepEqual(
        reply.answers.map((each) => each.rdata),
        [rdata],
      );
      equal(context.lastQuery.questions[0]?.type, TYPE.ANY, 'ANY at the upstream');
    },
  },
];

/** H9 to H11: flags of queries and responses. */
function flagCases(): ConformanceCase[] {
  const { AA, TC, RA, Z, AD, CD, RD } = FLAG;
  const each: ConformanceCase = {
    id: 'H9',
    level: 'MUST',
    reference: 'RFC 5625 §4.1, RFC 8906 §3.1.3',
    title: 'MUST answer a query with any header flag set',
    transports: BOTH,
    async run(context) {
      for (const flags of [AA, TC, RA, Z, AD, CD, AA | TC | RA | Z | AD | CD]) {
        const asked = query({ name: context.qname(), flags: flags | RD });
        answered(asked, await context.ask(asked));
      }
    },
  };
  const passes = (['AD', 'CD'] as const).map(
    (flag): ConformanceCase => ({
      id: flag === 'AD' ? 'H10' : 'H11',
      level: 'MUST',
      reference: flag === 'AD' ? 'RFC 6840 §5.7, §5.8' : 'RFC 4035 §3.2.2',
      title: `MUST pass ${flag} up and down unchanged`,
      transports: BOTH,
      async run(context) {
        for (const up of [0, FLAG[flag]]) {
          for (const down of [0, FLAG[flag]]) {
            context.respond((asked) => responseTo(asked, { flags: FLAG.QR | RD | RA | down }));
            const reply = await context.ask(query({ name: context.qname(), flags: RD | up }));
            equal(hasFlag(context.lastQuery, flag), up !== 0, `${flag} at the upstream`);
            equal(hasFlag(reply, flag), down !== 0, `${flag} in the reply`);
          }
        }
      },
    }),
  );
  return [each, ...passes];
}
