/** H: opcodes, zone transfers and signed messages. */

import { responseTo } from '../answers.ts';
import { deepEqual, equal, ok } from '../assert.ts';
import { message, name, opt, query, ROOT, record, withId } from '../bytes/build.ts';
import { CLASS, FLAG, OPCODE, OPTION, RCODE, TYPE } from '../bytes/numbers.ts';
import { hasFlag, read } from '../bytes/read.ts';
import { BOTH, type ConformanceCase } from '../case.ts';
import { delay } from '../context.ts';
import { edeCodes, matches, SILENCE_MS, unseen } from '../expectations.ts';
import { REFUSALS } from './error-replies.cases.ts';

const UNKNOWN_OPCODES = [1, 2, 3, 7, 8, 9, 10, 11, 12, 13, 14, 15];

export const OPCODE_CASES: readonly ConformanceCase[] = [
  {
    id: 'H13',
    level: 'MUST',
    reference: 'RFC 8906 §3.1.4, RFC 3425 §3',
    title: 'MUST answer each unknown opcode once, in the end with NOTIMP, without AA, TC, AD and Z',
    transports: BOTH,
    async run(context) {
      const all = FLAG.AA | FLAG.TC | FLAG.RD | FLAG.RA | FLAG.Z | FLAG.AD | FLAG.CD;
      const client = await context.open();
      for (const flags of [FLAG.RD, all]) {
        for (const opcode of UNKNOWN_OPCODES) {
          const asked = query({ name: context.qname(), opcode, flags });
          const reply = await context.ask(asked, { client });
          matches(read(asked), reply);
          equal(reply.rcode, RCODE.NOTIMP, `rcode NOTIMP to opcode ${opcode}`);
          for (const flag of ['AA', 'TC', 'AD', 'Z'] as const) ok(!hasFlag(reply, flag), `${flag}=0`);
        }
      }
      equal(client.received.length, 2 * UNKNOWN_OPCODES.length, 'one reply each');
    },
  },
  {
    id: 'H14',
    level: 'MUST',
    reference: 'RFC 8490 §9.4, §5.1.1',
    title: 'MUST not relay DSO, and refuse it with NOTIMP',
    transports: BOTH,
    async run(context) {
      const keepalive = Buffer.from('000100080000ea600000ea60', 'hex');
      const asked = message({ flags: 0, opcode: OPCODE.DSO, tail: keepalive });
      const reply = await context.ask(asked);
      equal(reply.rcode, RCODE.NOTIMP, 'rcode NOTIMP');
      equal(reply.opcode, OPCODE.DSO, 'the opcode of the query');
      unseen(context);
    },
  },
  {
    id: 'H15.update',
    level: 'POLICY',
    reference: 'RFC 2136, RFC 5625 §3',
    title: 'MUST forward UPDATE with its sections unchanged, and deliver the reply',
    transports: BOTH,
    async run(context) {
      context.respond((asked) => responseTo(asked, { rcode: 7, flags: FLAG.QR }));
      const owner = name(context.qname());
      const asked = message({
        opcode: OPCODE.UPDATE,
        flags: 0,
        questions: [{ name: name('example.com'), type: TYPE.SOA }],
        answers: [record({ owner, type: TYPE.ANY, class: CLASS.ANY, ttl: 0, rdata: Buffer.alloc(0) })],
        authorities: [
          record({ owner, type: TYPE.A, class: CLASS.NONE, ttl: 0, rdata: Buffer.from([192, 0, 2, 1]) }),
          record({ owner, type: TYPE.A, class: CLASS.ANY, ttl: 0, rdata: Buffer.alloc(0) }),
        ],
      });
      const reply = await context.ask(asked);
      equal(reply.rcode, 7, "the upstream's rcode");
      matches(read(asked), reply);
      deepEqual(
        withId(sections(context.lastQuery.bytes, asked.length), 0),
        withId(sections(asked, asked.length), 0),
      );
    },
  },
  {
    id: 'H15.notify',
    level: 'POLICY',
    reference: 'RFC 1996, RFC 9619 App. A',
    title: 'MUST forward NOTIFY and deliver the reply, also when QDCOUNT is 2',
    transports: BOTH,
    async run(context) {
      context.respond((asked) => responseTo(asked, { flags: FLAG.QR }));
      const zone = { name: name(context.qname()), type: TYPE.SOA };
      for (const questions of [[zone], [zone, zone]]) {
        const asked = message({ opcode: OPCODE.NOTIFY, flags: FLAG.AA, questions });
        const reply = await context.ask(asked);
        equal(reply.rcode, RCODE.NOERROR, 'rcode NOERROR');
        matches(read(asked), reply);
        deepEqual(
          context.lastQuery.questionBytes,
          read(asked).questionBytes,
          'the zone section at the upstream',
        );
      }
    },
  },
  ...(['AXFR', 'IXFR'] as const).map(
    (type): ConformanceCase => ({
      id: `H16.${type.toLowerCase()}`,
      level: 'POLICY',
      reference: 'RFC 5936 §2.2, §4.2',
      title: `MUST answer ${type} once with an error, rather than half a transfer`,
      transports: BOTH,
      async run(context) {
        const soa = record({ owner: name('example.com'), type: TYPE.SOA, rdata: Buffer.alloc(22) });
        const authorities = type === 'IXFR' ? [soa] : [];
        for (const edns of [{}, { opt: {} }]) {
          const client = await context.open();
          const asked = query({ name: context.qname(), type: TYPE[type], authorities, ...edns });
          const reply = await context.ask(asked, { client });
          equal(reply.id, read(asked).id, 'the ID of the query');
          ok(REFUSALS.includes(reply.rcode), `rcode ${reply.rcode}`);
          equal(reply.answers.length, 0, 'no answer');
          await delay(SILENCE_MS / 3);
          equal(client.received.length, 1, 'exactly one reply');
        }
        unseen(context);
      },
    }),
  ),
  {
    id: 'H16.extended',
    level: 'POLICY',
    reference: 'RFC 5936 §2.2, RFC 8914 §4.22',
    title: 'MUST say NOTIMP with EDE 21 to a zone transfer whose query has an OPT',
    oursAlone: 'a choice: others answer REFUSED or FORMERR, or forward it, without an extended error',
    transports: BOTH,
    async run(context) {
      const reply = await context.ask(query({ name: context.qname(), type: TYPE.AXFR, opt: {} }));
      equal(reply.rcode, RCODE.NOTIMP, 'rcode');
      ok(edeCodes(reply).includes(21), 'EDE 21');
    },
  },
  ...signedCases(),
];

/** H17: messages whose octets are signed, or that make the key to sign with. */
function signedCases(): ConformanceCase[] {
  const hmac = Buffer.concat([
    name('hmac-sha256'),
    Buffer.alloc(6),
    Buffer.from([1, 44, 0, 32]),
    Buffer.alloc(32, 7),
    Buffer.from('12340000' + '0000', 'hex'),
  ]);
  const kinds = [
    {
      slug: 'tsig',
      what: 'TSIG',
      at: TYPE.TSIG,
      klass: CLASS.ANY,
      rdata: hmac,
      reference: 'RFC 5625 §4.5, RFC 8945 §5',
    },
    {
      slug: 'sig0',
      what: 'SIG(0)',
      at: TYPE.SIG,
      klass: CLASS.ANY,
      rdata: Buffer.alloc(40),
      reference: 'RFC 5625 §4.5, RFC 2931',
    },
    { slug: 'tkey', what: 'TKEY', at: TYPE.TKEY, klass: CLASS.ANY, rdata: hmac, reference: 'RFC 2930' },
  ];
  return kinds.map(({ slug, what, at, klass, rdata, reference }) => ({
    id: `H17.${slug}`,
    level: 'MUST',
    reference,
    title: `MUST change nothing but the ID of a message with ${what}, up and down`,
    transports: BOTH,
    async run(context) {
      const signature = record({
        owner: slug === 'sig0' ? ROOT : name('key'),
        type: at,
        class: klass,
        ttl: 0,
        rdata,
      });
      for (const edns of [
        [],
        [opt({ udpSize: 4_096, options: [{ code: OPTION.COOKIE, data: Buffer.alloc(8, 1) }] })],
      ]) {
        context.respond((asked) => responseTo(asked, { additionals: [...edns, signature], noOpt: true }));
        const asked = query({ name: context.qname(), additionals: [...edns, signature] });
        const reply = await context.ask(asked);
        const sent = context.lastQuery.bytes;
        equal(
          withId(sent, 0).toString('hex'),
          withId(asked, 0).toString('hex'),
          'the same octets at the upstream',
        );
        deepEqual(reply.additionals.at(-1)?.rdata, rdata, 'the signature comes back');
        equal(reply.additionals.length, edns.length + 1, 'and the OPT as it was');
      }
    },
  }));
}

/** The message up to where an OPT might have been added, without the count that says so. */
function sections(octets: Buffer, length: number): Buffer {
  const copy = Buffer.from(octets.subarray(0, length));
  copy.writeUInt16BE(0, 10);
  return copy;
}
