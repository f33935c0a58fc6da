/** H: malformed and odd messages from clients. */

import { responseTo } from '../answers.ts';
import { deepEqual, equal, ok } from '../assert.ts';
import { aRecord, labels, message, name, opt, query, ROOT, record } from '../bytes/build.ts';
import { FLAG, OPTION, RCODE, TYPE } from '../bytes/numbers.ts';
import { read, readHeader } from '../bytes/read.ts';
import { BOTH, type ConformanceCase } from '../case.ts';
import type { CaseContext } from '../context.ts';
import { alive, answered, unseen } from '../expectations.ts';

export const HOSTILE_CASES: readonly ConformanceCase[] = [
  ...[2, 3, 65_535].map(
    (count): ConformanceCase => ({
      id: `H6.${count}`,
      level: 'MUST',
      reference: 'RFC 9619 §4',
      title: `MUST refuse QDCOUNT ${count} with FORMERR`,
      transports: BOTH,
      async run(context) {
        const qname = name(context.qname());
        const here = Math.min(count, 3);
        const questions = Array.from({ length: here }, () => ({ name: qname }));
        const asked = message({ questions, counts: [count, 0, 0, 0] });
        await refused(context, asked);
      },
    }),
  ),
  {
    id: 'H7',
    level: 'MUST',
    reference: 'RFC 9619 §4, RFC 7873 §5.4',
    title: 'MUST not take QDCOUNT 0 for malformed',
    transports: BOTH,
    async run(context) {
      context.respond((asked) => responseTo(asked));
      const reply = await context.ask(message({ additionals: [opt({ options: [{ code: OPTION.NSID }] })] }));
      ok(reply.rcode !== RCODE.FORMERR, 'another rcode than FORMERR');
      equal(reply.questions.length, 0, 'no question');
    },
  },
  {
    id: 'H7.forwarded',
    level: 'POLICY',
    reference: 'RFC 9619 §4, RFC 7873 §5.4',
    title: 'MUST forward a query without a question, and deliver the reply',
    oursAlone: 'others answer it themselves, with NOTIMP, SERVFAIL or FORMERR',
    transports: BOTH,
    async run(context) {
      context.respond((asked) => responseTo(asked));
      const reply = await context.ask(message({ additionals: [opt({ options: [{ code: OPTION.NSID }] })] }));
      equal(reply.rcode, RCODE.NOERROR, 'rcode NOERROR');
      equal(reply.questions.length, 0, 'no question');
      equal(context.journal.length, 1, 'one query at the upstream');
    },
  },
  ...loops().map(
    ({ slug, what, make }): ConformanceCase => ({
      id: `H18.${slug}`,
      level: 'MUST',
      reference: 'RFC 1035 §4.1.4, RFC 9267 §3',
      title: `MUST refuse ${what} with FORMERR, and stay responsive`,
      transports: BOTH,
      async run(context) {
        await refused(context, make());
      },
    }),
  ),
  ...[0x41, 0x80, 0xbf].map(
    (octet): ConformanceCase => ({
      id: `H19.${octet.toString(16)}`,
      level: 'MUST',
      reference: 'RFC 1035 §4.1.4, RFC 6891 §5',
      title: `MUST refuse the reserved label type of a length octet 0x${octet.toString(16)} with FORMERR`,
      transports: BOTH,
      async run(context) {
        const odd = Buffer.concat([Buffer.from([octet]), Buffer.alloc(8, 1), ROOT]);
        await refused(context, message({ questions: [{ name: odd }] }));
      },
    }),
  ),
  ...goodNames().map(
    ({ slug, what, make }): ConformanceCase => ({
      id: `H20.${slug}`,
      level: 'MUST',
      reference: 'RFC 1035 §2.3.4, §3.1, RFC 2181 §11',
      title: `MUST forward ${what}`,
      transports: BOTH,
      async run(context) {
        const asked = query({ name: make() });
        answered(asked, await context.ask(asked));
        deepEqual(context.lastQuery.questionBytes, read(asked).questionBytes, 'the question at the upstream');
      },
    }),
  ),
  {
    id: 'H20.too-long',
    level: 'MUST',
    reference: 'RFC 1035 §2.3.4',
    title: 'MUST refuse a name of 256 octets with FORMERR',
    transports: BOTH,
    async run(context) {
      await refused(context, query({ name: labels([...Array(3).fill('a'.repeat(63)), 'b'.repeat(62)]) }));
    },
  },
  {
    id: 'H21',
    level: 'MUST',
    reference: 'RFC 2181 §11',
    title: 'MUST carry every octet in a label up and back: NUL, dot, backslash, space, LF, 0x80 to 0xFF',
    transports: BOTH,
    async run(context) {
      const octets = Array.from({ length: 256 }, (_, octet) => octet);
      for (let base = 0; base < 256; base += 32) {
        const label = Buffer.from(octets.slice(base, base + 32));
        const asked = query({ name: labels([label, 'a.b', '\\', 'example']) });
        answered(asked, await context.ask(asked));
        deepEqual(context.lastQuery.questionBytes, read(asked).questionBytes, 'the question at the upstream');
      }
    },
  },
  ...tooFew().map(
    ({ slug, what, make }): ConformanceCase => ({
      id: `H22.${slug}`,
      level: 'MUST',
      reference: 'RFC 1035 §4.1.1',
      title: `MUST refuse ${what} with FORMERR`,
      transports: BOTH,
      async run(context) {
        await refused(context, make(name(context.qname())));
      },
    }),
  ),
  ...[1, 500].map(
    (length): ConformanceCase => ({
      id: `H23.${length}`,
      level: 'POLICY',
      reference: '',
      title: `MUST answer a query with ${length} octets behind its last record, over UDP and TCP alike`,
      transports: BOTH,
      async run(context) {
        const asked = query({ name: context.qname(), tail: Buffer.alloc(length, 0x5a) });
        const reply = await context.ask(asked);
        answered(asked, reply);
      },
    }),
  ),
  {
    id: 'H24',
    level: 'MUST',
    reference: 'RFC 5625 §4.1, RFC 1995 §3',
    title: 'MUST forward records in the answer and authority sections of a query',
    transports: BOTH,
    async run(context) {
      const asked = query({
        name: context.qname(),
        answers: [aRecord('192.0.2.1')],
        authorities: [record({ owner: ROOT, type: 65_280, rdata: Buffer.from('c00c', 'hex') })],
      });
      answered(asked, await context.ask(asked));
      const { answers, authorities } = context.lastQuery;
      deepEqual(
        { answers, authorities },
        { answers: read(asked).answers, authorities: read(asked).authorities },
      );
    },
  },
];

interface Shape {
  readonly slug: string;
  readonly what: string;
}

function loops(): (Shape & { make: () => Buffer })[] {
  const header = (count: number) => message({ id: 0x1234, counts: [count, 0, 0, 0] });
  const withQname = (hex: string) =>
    Buffer.concat([header(1), Buffer.from(hex, 'hex'), Buffer.from('00010001', 'hex')]);
  return [
    { slug: 'itself', what: 'a name that is a pointer to itself', make: () => withQname('c00c') },
    { slug: 'each-other', what: 'two pointers at each other', make: () => withQname('c00ec00c') },
    { slug: 'label-and-back', what: 'a label and a pointer back to it', make: () => withQname('0161c00c') },
    { slug: 'forward', what: 'a pointer forwards', make: () => withQname('c00e00') },
    { slug: 'past-the-end', what: 'a pointer past the end', make: () => withQname('ffff') },
    { slug: 'into-the-header', what: 'a pointer into the header', make: () => withQname('c000') },
    {
      slug: 'chain',
      what: 'a chain of 16,000 pointers',
      make: () => {
        const chain = Buffer.alloc(32_000);
        for (let at = 0; at < chain.length; at += 2) chain.writeUInt16BE(0xc000 | ((14 + at) & 0x3fff), at);
        return Buffer.concat([header(1), chain]);
      },
    },
  ];
}

function goodNames(): (Shape & { make: () => Buffer })[] {
  return [
    { slug: 'root', what: 'the root name', make: () => ROOT },
    {
      slug: 'longest',
      what: 'a name of 255 octets',
      make: () => labels([...Array(3).fill('a'.repeat(63)), 'b'.repeat(61)]),
    },
    {
      slug: 'longest-label',
      what: 'a label of 63 octets',
      make: () => labels(['c'.repeat(63), 'example', 'com']),
    },
    { slug: 'most-labels', what: 'a name of 127 labels', make: () => labels(Array(127).fill('d')) },
  ];
}

function tooFew(): (Shape & { make: (qname: Buffer) => Buffer })[] {
  const of = (qname: Buffer, counts: readonly [number, number, number, number]) =>
    message({ questions: [{ name: qname }], counts });
  return [
    { slug: 'arcount', what: 'ARCOUNT 1 and no record', make: (qname) => of(qname, [1, 0, 0, 1]) },
    { slug: 'ancount', what: 'ANCOUNT 65,535 and no record', make: (qname) => of(qname, [1, 65_535, 0, 0]) },
    { slug: 'nscount', what: 'NSCOUNT 1 and no record', make: (qname) => of(qname, [1, 0, 1, 0]) },
    {
      slug: 'no-question',
      what: 'QDCOUNT 1 and a header alone',
      make: () => message({ counts: [1, 0, 0, 0] }),
    },
    {
      slug: 'cut-question',
      what: 'a question that is cut off',

      make: (qname) => of(qname, [1, 0, 0, 0]).subarray(0, 12 + qname.length + 2),
    },
    {
      slug: 'cut-record',
      what: 'a record that is cut off',

      make: (qname) =>
        query({
          name: qname,
          additionals: [record({ owner: ROOT, type: TYPE.A, rdata: ROOT, rdataLength: 4 })],
        }),
    },
  ];
}

/**
 * FORMERR, the upstream sees nothing, everybody else is served. What else the reply holds is for the cases about error
 * replies.
 */
async function refused(context: CaseContext, asked: Buffer): Promise<void> {
  const sentAt = performance.now();
  const reply = readHeader(await context.askRaw(asked));
  const lasted = performance.now() - sentAt;
  equal(reply.rcode, RCODE.FORMERR, 'rcode FORMERR');
  equal(reply.flags & FLAG.QR, FLAG.QR, 'QR=1');
  equal(reply.id, asked.readUInt16BE(0), 'the ID of the query');
  ok(lasted < 2_000, `${Math.round(lasted)} ms`);
  unseen(context);
  await alive(context);
}
