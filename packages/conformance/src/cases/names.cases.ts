/** N: names with a meaning of their own. */
import type { AnswerCase } from '../answer-case.ts';
import { deepEqual, equal, ok } from '../assert.ts';
import { labels, name, query } from '../bytes/build.ts';
import { CLASS, OPCODE, RCODE, TYPE } from '../bytes/numbers.ts';
import { read } from '../bytes/read.ts';
import { BOTH } from '../case.ts';
import type { CaseContext } from '../context.ts';
import { answered, matches, unseen } from '../expectations.ts';
import { denied, forwarded } from '../special.ts';

const { A, AAAA, SOA, TXT, ANY, DS, NS, SVCB } = TYPE;
const TYPES = [A, AAAA, SOA, TXT, ANY, DS];
/** What a server needs to have a zone at all. */
const OF_A_ZONE: ReadonlySet<number> = new Set([SOA, NS]);
const OFF: readonly (readonly [row: string, zone: string])[] = [
  ['N1', 'onion'],
  ['N2', 'localhost'],
  ['N3', 'invalid'],
  ['N4', 'test'],
  ['N6', 'home.arpa'],
  ['N8', 'resolver.arpa'],
  ['N9', 'local'],
];

export const NAME_CASES: readonly AnswerCase[] = [
  nothing('N1', 'onion', 'MUST', 'RFC 7686 §2'),
  loopback(),
  nothing('N3', 'invalid', 'SHOULD', 'RFC 6761 §6.4'),
  nothing('N4', 'test', 'SHOULD', 'RFC 6761 §6.2'),
  {
    id: 'N5',
    level: 'MUST',
    reference: 'RFC 6761 §6.5',
    title: 'MUST forward the example names like any other',
    transports: BOTH,
    async run(context) {
      const names = ['example', 'example.com', 'example.net', 'example.org', 'q.example', 'www.EXAMPLE.com'];
      // A query for an address of example.com cannot be told from one that asks whether the subject has started.
      for (const qname of names) await forwarded(context, query({ name: qname, type: AAAA }));
    },
  },
  homeNetwork(),
  noData(),
  {
    ...nothing('N9', 'local', 'SHOULD', 'RFC 6762 §22.1'),
    oursAlone: 'the others forward names below local',
  },
  {
    id: 'N10',
    level: 'MUST',
    reference: 'RFC 1035 §3.1',
    title: 'MUST forward names that only look like special ones',
    transports: BOTH,
    async run(context) {
      const looks = [
        ...['xonion', 'onion.example.com', 'onionx', 'onion.local.example.com', 'mylocalhost', 'localhosts'],
        ...[
          'nottest',
          'test.example.com',
          'xinvalid',
          'arpa',
          'homearpa',
          'xhome.arpa',
          'xresolver.arpa',
          'in-addr.arpa',
        ],
      ].map(name);
      const oneLabel = ['a.onion', '.onion', 'onion.', 'home.arpa', 'onion\0', '10.in-addr'].map((label) =>
        labels([label]),
      );
      for (const qname of [
        ...looks,
        ...oneLabel,
        labels(['home.arpa', 'example']),
        labels(['a', '10.in-addr', 'arpa']),
      ]) {
        await forwarded(context, query({ name: qname }));
      }
    },
  },
  {
    id: 'N10.class',
    level: 'MUST',
    reference: 'RFC 1035 §3.2.4',
    title: 'MUST forward special names of other classes',
    transports: BOTH,
    async run(context) {
      for (const qname of ['q.onion', 'localhost', 'home.arpa', '10.in-addr.arpa', 'resolver.arpa']) {
        await forwarded(context, query({ name: qname, type: TXT, class: CLASS.CH }));
      }
    },
  },
  {
    id: 'N11',
    level: 'SHOULD',
    reference: 'RFC 2308 §5, RFC 6303 §3',
    title: 'SHOULD answer special names with AA, an SOA, RD and CD as asked, and an OPT if there was one',
    transports: BOTH,
    async run(context) {
      for (const qname of ['q.onion', 'q.invalid', 'q.test', 'q.home.arpa', '1.10.in-addr.arpa']) {
        for (const flags of [0, 0x0100, 0x0010, 0x0110]) {
          for (const edns of [{}, { opt: {} }, { opt: { dnssecOk: true } }]) {
            const asked = query({ name: qname, flags, ...edns });
            const reply = denied(asked, await context.ask(asked), RCODE.NXDOMAIN);
            equal(
              reply.flags,
              0x8480 | flags,
              `flags 0x${reply.flags.toString(16)} for 0x${flags.toString(16)}`,
            );
            equal(reply.opt !== undefined, 'opt' in edns, 'an OPT if asked with one');
            equal(reply.additionals.length, 'opt' in edns ? 1 : 0, 'nothing else in the additional section');
            equal(reply.opt?.dnssecOk ?? false, read(asked).opt?.dnssecOk ?? false, 'DO');
          }
        }
      }
      unseen(context);
    },
  },
  {
    id: 'N12',
    level: 'POLICY',
    reference: 'RFC 2136 §3, RFC 1996 §3',
    title: 'MUST forward messages of other opcodes about special names',
    transports: BOTH,
    async run(context) {
      for (const opcode of [OPCODE.UPDATE, OPCODE.NOTIFY]) {
        for (const qname of ['10.in-addr.arpa', 'home.arpa', 'q.onion']) {
          const asked = query({ name: qname, type: SOA, opcode });
          matches(read(asked), await context.ask(asked));
          equal(context.lastQuery.opcode, opcode, 'the opcode at the upstream');
          deepEqual(context.lastQuery.questionBytes, read(asked).questionBytes, 'the zone at the upstream');
        }
      }
    },
  },
  ...OFF.map(
    ([row, zone]): AnswerCase => ({
      id: `${row}.off`,
      level: 'MUST',
      reference: 'RFC 6303 §3',
      title: `MUST forward ${zone} and all below when that is switched off, and only that`,
      transports: BOTH,
      needs: ['special-off'],
      setup: { settings: { specialOff: [zone] }, fresh: true },
      async run(context) {
        for (const qname of [zone, `q.${zone}`, `a.b.${zone.toUpperCase()}`]) {
          const asked = query({ name: qname });
          answered(asked, await forwarded(context, asked));
        }
        const before = context.rawJournal.length;
        await context.ask(query({ name: zone === 'onion' ? 'q.invalid' : 'q.onion' }));
        equal(context.rawJournal.length, before, 'queries for another special name at the upstream');
      },
    }),
  ),
];

/** A name that does not exist, with all below. */
function nothing(id: string, zone: string, level: 'MUST' | 'SHOULD', reference: string): AnswerCase {
  return {
    id,
    level,
    reference,
    title: `${level} answer NXDOMAIN for ${zone} and all below, and ask nobody`,
    transports: BOTH,
    async run(context) {
      for (const asked of queriesFor([`q.${zone}`, `A.b.${zone.toUpperCase()}`])) {
        denied(asked, await context.ask(asked), RCODE.NXDOMAIN);
      }
      // The name itself exists where a zone is made for it: it has records of that zone then, and no others.
      // Its DS is the parent's.
      for (const asked of queriesFor([zone]).filter((each) => read(each).questions[0]?.type !== DS)) {
        const { rcode, answers } = await context.ask(asked);
        ok(rcode === RCODE.NXDOMAIN || rcode === RCODE.NOERROR, `rcode ${rcode} for ${zone}`);
        ok(
          answers.every(({ type }) => OF_A_ZONE.has(type)),
          `records of ${zone}: ${answers.map(({ type }) => type)}`,
        );
      }
      unseen(context);
    },
  };
}

function loopback(): AnswerCase {
  const addresses = new Map<number, Buffer>([
    [A, Buffer.from([127, 0, 0, 1])],
    [AAAA, Buffer.from([...new Uint8Array(15), 1])],
  ]);
  return {
    id: 'N2',
    level: 'SHOULD',
    reference: 'RFC 6761 §6.3',
    title: 'SHOULD answer localhost and all below with the loopback addresses, else NODATA, and ask nobody',
    transports: BOTH,
    async run(context) {
      for (const asked of queriesFor(['localhost', 'q.localhost', 'a.b.LocalHost'])) {
        const type = read(asked).questions[0]?.type ?? 0;
        // That of the zone itself is the parent's.
        if (type === DS) continue;
        const reply = await context.ask(asked);
        equal(reply.rcode, RCODE.NOERROR, 'rcode');
        const wanted = [type].filter((each) => addresses.has(each));
        const answers = reply.answers.filter((each) => !OF_A_ZONE.has(each.type));
        if (wanted.length === 0 && reply.answers.length === 0) denied(asked, reply, RCODE.NOERROR);
        // ANY may be answered with some of what there is (RFC 8482 §4).
        if (type !== ANY)
          deepEqual(
            answers.map((each) => each.type),
            wanted,
            `types of the answers for type ${type}`,
          );
        for (const each of answers) deepEqual(each.rdata, addresses.get(each.type), 'the address');
      }
      unseen(context);
    },
  };
}

function homeNetwork(): AnswerCase {
  return {
    id: 'N6',
    level: 'SHOULD',
    reference: 'RFC 8375 §4',
    title: 'SHOULD answer NXDOMAIN below home.arpa and NODATA for itself, and forward its DS alone',
    transports: BOTH,
    async run(context) {
      for (const asked of queriesFor(['q.home.arpa', 'a.B.home.ARPA'])) {
        denied(asked, await context.ask(asked), RCODE.NXDOMAIN);
      }
      for (const type of [A, AAAA, TXT]) {
        const asked = query({ name: 'Home.arpa', type });
        denied(asked, await context.ask(asked), RCODE.NOERROR);
      }
      for (const type of [SOA, NS]) {
        const reply = await context.ask(query({ name: 'home.arpa', type }));
        deepEqual(
          [reply.rcode, reply.answers[0]?.type],
          [RCODE.NOERROR, type],
          'SOA and NS of the zone itself',
        );
      }
      // A server that validates asks on its own whether the zone is signed, and the answer is outside of it.
      unseen(context, (message) => isAbout(message, 'home.arpa', DS));
      await forwarded(context, query({ name: 'home.arpa', type: DS }));
    },
  };
}

function noData(): AnswerCase {
  return {
    id: 'N8',
    level: 'SHOULD',
    reference: 'RFC 9462 §6.1, §6.4',
    title: 'SHOULD answer NODATA for resolver.arpa and all below, and ask nobody',
    oursAlone: 'the others forward these names; newer versions of some may not',
    transports: BOTH,
    async run(context) {
      await noDataFor(
        context,
        queriesFor(['resolver.arpa', '_dns.resolver.arpa', '_DNS.Resolver.Arpa'], [...TYPES, SVCB]),
      );
      unseen(context);
    },
  };
}

async function noDataFor(context: CaseContext, queries: readonly Buffer[]): Promise<void> {
  for (const asked of queries) {
    const reply = denied(asked, await context.ask(asked), RCODE.NOERROR);
    ok(reply.answers.length === 0, 'no answers');
  }
}

function queriesFor(names: readonly string[], types: readonly number[] = TYPES): Buffer[] {
  return names.flatMap((qname) => types.map((type) => query({ name: qname, type })));
}

function isAbout(message: Buffer, qname: string, qtype: number): boolean {
  return read(message).questionBytes.equals(read(query({ name: qname, type: qtype })).questionBytes);
}
