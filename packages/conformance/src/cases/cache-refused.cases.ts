/** K8: what is never kept. */
import { type AnswerCase, caching } from '../answer-case.ts';
import { responseTo } from '../answers.ts';
import { aRecord, message, name, opt, type QuerySpec, query, record } from '../bytes/build.ts';
import { CLASS, FLAG, OPCODE, OPTION, RCODE, TYPE } from '../bytes/numbers.ts';
import type { ReadMessage } from '../bytes/read.ts';
import { type Level, TCP } from '../case.ts';
import { askedAgain } from '../kept.ts';

interface NeverKept {
  readonly slug: string;
  readonly what: string;
  readonly reference: string;
  readonly level?: Level;
  readonly asked?: Omit<QuerySpec, 'name'>;
  /** What is asked then, which must reach the upstream. Default: the same. */
  readonly again?: Omit<QuerySpec, 'name'>;
  readonly oursAlone?: string;
  readonly respond?: (query: ReadMessage) => Buffer;
}

const ANSWERS = [aRecord('192.0.2.1')];
const RESPONSE_FLAGS = FLAG.QR | FLAG.RD | FLAG.RA;
/** Algorithm, time, fudge, MAC, original ID, error, other data: what it says does not matter here. */
const TSIG = record({
  owner: name('key.example.com'),
  type: TYPE.TSIG,
  class: CLASS.ANY,
  ttl: 0,
  rdata: Buffer.concat([name('hmac-sha256'), Buffer.alloc(6), Buffer.from('012c0000000000000000', 'hex')]),
});
const SUBNET = { code: OPTION.CLIENT_SUBNET, data: Buffer.from('00011818c00002', 'hex') };

const NEVER_KEPT: readonly NeverKept[] = [
  {
    slug: 'tc',
    what: 'a truncated response',
    reference: 'RFC 2181 §9',
    respond: (asked) => responseTo(asked, { flags: RESPONSE_FLAGS | FLAG.TC, answers: ANSWERS }),
  },
  {
    slug: 'notify',
    what: 'a response to NOTIFY',
    reference: 'RFC 1996 §3',
    asked: { opcode: OPCODE.NOTIFY },
  },
  {
    slug: 'update',
    what: 'a response to UPDATE',
    reference: 'RFC 2136 §3',
    asked: { opcode: OPCODE.UPDATE },
  },
  {
    slug: 'signed',
    what: 'a response to a signed query',
    reference: 'RFC 8945 §5.5',
    asked: { additionals: [TSIG] },
  },
  ...(['FORMERR', 'NOTIMP', 'REFUSED'] as const).map(
    (rcode): NeverKept => ({
      slug: rcode.toLowerCase(),
      what: `${rcode}`,
      level: 'POLICY',
      reference: 'RFC 1035 §7.4',
      respond: (asked) => responseTo(asked, { rcode: RCODE[rcode] }),
    }),
  ),
  {
    slug: 'badvers',
    what: 'BADVERS',
    reference: 'RFC 6891 §6.1.3',
    asked: { opt: {} },
    respond: (asked) => responseTo(asked, { additionals: [opt({ extendedRcode: 1 })], noOpt: true }),
  },
  {
    slug: 'edns-version',
    what: 'a response of another EDNS version',
    reference: 'RFC 6891 §6.1.3',
    asked: { opt: {} },
    respond: (asked) =>
      responseTo(asked, { answers: ANSWERS, additionals: [opt({ version: 1 })], noOpt: true }),
  },
  {
    slug: 'subnet',
    what: "a response for one client's network for another",
    reference: 'RFC 7871 §7.3.1',
    asked: { opt: { options: [{ ...SUBNET, data: Buffer.from('00011800c00002', 'hex') }] } },
    again: { opt: { options: [{ ...SUBNET, data: Buffer.from('00011800c63364', 'hex') }] } },
    respond: (asked) =>
      responseTo(asked, { answers: ANSWERS, additionals: [opt({ options: [SUBNET] })], noOpt: true }),
  },
  {
    slug: 'unasked-subnet',
    what: 'a response for a network that nobody named',
    level: 'POLICY',
    oursAlone: 'others do not look at a subnet in a response when they sent none',
    reference: 'RFC 7871 §7.3',
    asked: { opt: {} },
    respond: (asked) =>
      responseTo(asked, { answers: ANSWERS, additionals: [opt({ options: [SUBNET] })], noOpt: true }),
  },
  {
    slug: 'no-question',
    what: 'a response without a question',
    level: 'POLICY',
    reference: 'RFC 5452 §9.1',
    respond: (asked) =>
      message({
        id: asked.id,
        flags: RESPONSE_FLAGS,
        answers: [aRecord('192.0.2.1', asked.questions[0]?.name)],
      }),
  },
];

export const NEVER_KEPT_CASES: readonly AnswerCase[] = NEVER_KEPT.map(
  ({ slug, what, reference, level = 'MUST', asked = {}, again = asked, oursAlone, respond }): AnswerCase => ({
    id: `K8.${slug}`,
    level,
    reference,
    title: `MUST not keep ${what}`,
    ...(oursAlone === undefined ? {} : { oursAlone }),
    transports: TCP,
    needs: ['cache'],
    setup: caching(),
    async run(context) {
      if (respond !== undefined) context.respond((each) => respond(each));
      const qname = context.qname();
      const { rcode } = await context.ask(query({ ...asked, name: qname }));
      // What was never forwarded cannot have been kept, and a failure may be remembered as one.
      if (context.journal.length === 0 || rcode === RCODE.SERVFAIL) return;
      await askedAgain(context, query({ ...again, name: qname }));
    },
  }),
);
