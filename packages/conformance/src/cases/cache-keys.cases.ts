/** K: which queries may share a response. */
import { type AnswerCase, caching } from '../answer-case.ts';
import { addressOf, responseTo } from '../answers.ts';
import { deepEqual } from '../assert.ts';
import { aRecord, name, POINTER_TO_QNAME, type QuerySpec, query, record } from '../bytes/build.ts';
import { CLASS, FLAG, OPTION, RCODE, TYPE } from '../bytes/numbers.ts';
import { hasFlag, type ReadMessage, read } from '../bytes/read.ts';
import { BOTH, TCP } from '../case.ts';
import { answered } from '../expectations.ts';
import { askedAgain, kept } from '../kept.ts';

type Variant = Omit<QuerySpec, 'name'>;

interface Difference {
  readonly slug: string;
  readonly what: string;
  readonly reference: string;
  readonly first: Variant;
  readonly second: Variant;
  /** Whether what the upstream was asked the first time makes its response good for the second too. */
  readonly fits?: (sent: ReadMessage) => boolean;
}

/** Two queries of which the second must not get the answer of the first. */
const DIFFERENT: readonly Difference[] = [
  {
    slug: 'cd',
    what: 'a response to a query with CD for one without',
    reference: 'RFC 4035 §4.7',
    first: { flags: FLAG.RD | FLAG.CD },
    second: {},
    fits: (sent) => !hasFlag(sent, 'CD'),
  },
  {
    slug: 'do',
    what: 'a response to a query without DO for one with it',
    reference: 'RFC 4035 §3.2.1, RFC 3225 §3',
    // Both can understand AD: DO alone tells them apart.
    first: { flags: FLAG.RD | FLAG.AD, opt: {} },
    second: { flags: FLAG.RD | FLAG.AD, opt: { dnssecOk: true } },
    fits: (sent) => sent.opt?.dnssecOk === true,
  },
  {
    slug: 'rd',
    what: 'a response to a query without RD for one with it',
    reference: 'RFC 1034 §4.3.1',
    first: { flags: 0 },
    second: {},
    fits: (sent) => hasFlag(sent, 'RD'),
  },
  {
    slug: 'type',
    what: 'an A response for AAAA',
    reference: 'RFC 1034 §3.7.1',
    first: {},
    second: { type: TYPE.AAAA },
  },
];

const TOGETHER: readonly { readonly slug: string; readonly what: string; readonly second: Variant }[] = [
  { slug: 'opt', what: 'with an OPT', second: { opt: {} } },
  { slug: 'size', what: 'with another UDP size', second: { opt: { udpSize: 4_096 } } },
  {
    slug: 'per-hop',
    what: 'with options of one hop',
    second: {
      opt: {
        options: [
          { code: OPTION.COOKIE, data: Buffer.alloc(8, 1) },
          { code: OPTION.PADDING, data: Buffer.alloc(20) },
        ],
      },
    },
  },
];

export const CACHE_KEY_CASES: readonly AnswerCase[] = [
  ...DIFFERENT.map(
    ({ slug, what, reference, first, second, fits }): AnswerCase => ({
      id: `K1.${slug}`,
      level: 'MUST',
      reference,
      title: `MUST not use ${what}`,
      transports: BOTH,
      needs: ['cache'],
      setup: caching(),
      async run(context) {
        const qname = context.qname();
        await context.ask(query({ ...first, name: qname }));
        const sent = context.journal.at(-1);
        if (sent !== undefined && fits?.(sent) === true) return;
        await askedAgain(context, query({ ...second, name: qname }));
      },
    }),
  ),
  ...TOGETHER.map(
    ({ slug, what, second }): AnswerCase => ({
      id: `K1.${slug}`,
      level: 'SHOULD',
      reference: 'RFC 1034 §5.3.3',
      title: `SHOULD answer from memory when the same is asked ${what}`,
      transports: BOTH,
      needs: ['cache'],
      setup: caching(),
      async run(context) {
        const qname = context.qname();
        await context.ask(query({ name: qname }));
        const asked = query({ ...second, name: qname });
        answered(asked, await kept(context, asked));
      },
    }),
  ),
  {
    id: 'K13',
    level: 'MUST',
    reference: 'RFC 2181 §5.4.1',
    title: 'MUST take no answer to another question from the authority or additional section',
    transports: BOTH,
    needs: ['cache'],
    setup: caching(),
    async run(context) {
      const other = context.qname('other');
      const forged = aRecord('192.0.2.66', name(other));
      const qname = context.qname();
      context.respond((asked) =>
        asked.questions[0]?.name.equals(name(other)) === true
          ? context.answer(asked)
          : responseTo(asked, {
              answers: [aRecord('192.0.2.1')],
              authorities: [forged],
              additionals: [forged],
            }),
      );
      await context.ask(query({ name: qname }));
      const asked = query({ name: other });
      answered(asked, await askedAgain(context, asked));
    },
  },
  {
    id: 'K19',
    level: 'MUST',
    reference: 'RFC 8482 §4.2',
    title: 'MUST use a response to ANY for ANY alone',
    transports: TCP,
    needs: ['cache'],
    setup: caching(),
    async run(context) {
      const hinfo = record({
        owner: POINTER_TO_QNAME,
        type: TYPE.HINFO,
        rdata: Buffer.from('\x07RFC8482\x00', 'latin1'),
      });
      context.respond((asked) =>
        asked.questions[0]?.type === TYPE.ANY
          ? responseTo(asked, { answers: [hinfo, aRecord('192.0.2.66')] })
          : context.answer(asked),
      );
      const qname = context.qname();
      await context.ask(query({ name: qname, type: TYPE.ANY }));
      const asked = query({ name: qname });
      answered(asked, await askedAgain(context, asked));
    },
  },
  {
    id: 'K20',
    level: 'MUST',
    reference: 'RFC 1034 §3.6',
    title: 'MUST not mix classes',
    transports: BOTH,
    needs: ['cache'],
    setup: caching(),
    async run(context) {
      context.respond((asked) => {
        const klass = asked.questions[0]?.class ?? 0;
        const rdata = Buffer.from([1, klass]);
        return responseTo(asked, {
          answers: [record({ owner: POINTER_TO_QNAME, type: TYPE.TXT, class: klass, rdata })],
        });
      });
      const qname = context.qname();
      for (const klass of [CLASS.IN, CLASS.CH, CLASS.HS, CLASS.IN, CLASS.CH]) {
        const reply = await context.ask(query({ name: qname, type: TYPE.TXT, class: klass }));
        // A server may refuse a class, and then mixes nothing.
        if (reply.rcode !== RCODE.NOERROR) continue;
        deepEqual(reply.answers[0]?.rdata, Buffer.from([1, klass]), `the answer of class ${klass}`);
      }
    },
  },
  {
    id: 'K1.names',
    level: 'MUST',
    reference: 'RFC 1034 §3.1',
    title: 'MUST tell names apart by their labels, not by their text',
    transports: TCP,
    needs: ['cache'],
    setup: caching(),
    async run(context) {
      const domain = name(context.qname('b'));
      const names = [
        Buffer.concat([Buffer.from('\x01a', 'latin1'), domain]),
        Buffer.concat([Buffer.from(`\x05a.b-1`, 'latin1'), domain.subarray(4)]),
        Buffer.concat([Buffer.from('\x01\xe1', 'latin1'), domain]),
        Buffer.concat([Buffer.from('\x02a\x00', 'latin1'), domain]),
      ];
      for (const each of [...names, ...names]) {
        const reply = read(await context.askRaw(query({ name: each })));
        deepEqual(reply.answers[0]?.rdata, addressOf(each), 'the address of this name');
      }
    },
  },
];
