import { equal, ok } from '../assert.ts';
import { name, opt, query, ROOT, record } from '../bytes/build.ts';
import { OPTION, RCODE, TYPE } from '../bytes/numbers.ts';
import { read, readHeader } from '../bytes/read.ts';
import { BOTH, type ConformanceCase } from '../case.ts';
import type { CaseContext } from '../context.ts';
import { alive, matches, unseen } from '../expectations.ts';

const OPTIONS_UNREAD =
  'unbound and stubby answer as if it were whole, dnsdist forwards it, kresd and smartdns say nothing';

export const EDNS_REFUSED_CASES: readonly ConformanceCase[] = [
  {
    id: 'E3',
    level: 'MUST',
    reference: 'RFC 6891 §6.1.1',
    title: 'MUST refuse two OPTs with FORMERR, with an OPT',
    transports: BOTH,
    async run(context) {
      await badEdns(context, query({ name: context.qname(), additionals: [opt(), opt()] }));
    },
  },
  {
    id: 'E4',
    level: 'MUST',
    reference: 'RFC 6891 §6.1.2',
    title: 'MUST refuse an OPT whose owner is not the root with FORMERR',
    transports: BOTH,
    async run(context) {
      const reply = await context.ask(query({ name: context.qname(), opt: { owner: name('a') } }));
      equal(reply.rcode, RCODE.FORMERR, 'rcode FORMERR');
      unseen(context);
    },
  },
  {
    id: 'E6',
    level: 'MUST',
    reference: 'RFC 6891 §6.1.3, RFC 8906 §3.2.2',
    title: 'MUST answer EDNS versions 1 to 255 with BADVERS, version 0 and no answer',
    transports: BOTH,
    async run(context) {
      const options = [{ code: OPTION.NSID }, { code: 65_001, data: Buffer.from([1]) }];
      for (const spec of [
        { version: 1 },
        { version: 255 },
        { version: 1, dnssecOk: true },
        { version: 1, z: 0x4000 },
        { version: 1, options },
      ]) {
        const asked = query({ name: context.qname(), opt: spec });
        const reply = await context.ask(asked);
        matches(read(asked), reply);
        equal(reply.rcode, RCODE.BADVERS, 'rcode BADVERS');
        equal(reply.opt?.version, 0, 'version 0');
        equal(reply.answers.length, 0, 'no answer');
        equal(reply.opt?.dnssecOk, spec.dnssecOk ?? false, 'DO as in the query');
      }
    },
  },
  ...brokenOpts().map(
    ({ slug, what, make, oursAlone }): ConformanceCase => ({
      id: `E10.${slug}`,
      ...(oursAlone === undefined ? {} : { oursAlone }),
      level: 'MUST',
      reference: 'RFC 6891 §7',
      title: `MUST refuse ${what} with FORMERR`,
      transports: BOTH,
      async run(context) {
        const reply = readHeader(await context.askRaw(make(context.qname())));
        equal(reply.rcode, RCODE.FORMERR, 'rcode FORMERR');
        unseen(context);
        await alive(context);
      },
    }),
  ),
  {
    id: 'E24',
    level: 'MUST',
    reference: '',
    title: 'MUST stay responsive for an OPT of 60 KB with 10,000 empty options',
    transports: BOTH,
    async run(context) {
      const empty = Array.from({ length: 10_000 }, (_, code) => ({ code: 100 + code }));
      const filled = [...empty, { code: 65_001, data: Buffer.alloc(20_000) }];
      for (const options of [empty, filled]) {
        const sentAt = performance.now();
        const reply = await context.ask(query({ name: context.qname(), opt: { options } }));
        ok(performance.now() - sentAt < 2_000, 'at once');
        ok(reply.rcode === RCODE.NOERROR || reply.rcode === RCODE.FORMERR, `rcode ${reply.rcode}`);
      }
      await alive(context);
    },
  },
];

async function badEdns(context: CaseContext, asked: Buffer): Promise<void> {
  const reply = await context.ask(asked);
  equal(reply.rcode, RCODE.FORMERR, 'rcode FORMERR');
  ok(reply.opt !== undefined, 'an OPT in the reply');
  unseen(context);
}

function brokenOpts(): {
  slug: string;
  what: string;
  make: (qname: string) => Buffer;
  oursAlone?: string;
}[] {
  const one = { code: 65_001, data: Buffer.alloc(4) };
  return [
    {
      slug: 'option-length',
      oursAlone: OPTIONS_UNREAD,
      what: 'an option longer than the OPT',
      make: (qname) => query({ name: qname, opt: { options: [{ ...one, length: 5 }] } }),
    },
    {
      slug: 'option-huge',
      oursAlone: OPTIONS_UNREAD,
      what: 'an option of 65,535 octets that are not there',
      make: (qname) => query({ name: qname, opt: { options: [{ ...one, length: 65_535 }] } }),
    },
    {
      slug: 'half-option',
      oursAlone: OPTIONS_UNREAD,
      what: 'an OPT that ends within an option code',
      make: (qname) =>
        query({
          name: qname,
          additionals: [
            record({ owner: ROOT, type: TYPE.OPT, class: 1_232, ttl: 0, rdata: Buffer.alloc(3) }),
          ],
        }),
    },
    {
      slug: 'rdlength',
      what: 'an OPT longer than the message',
      make: (qname) => query({ name: qname, opt: { options: [one], rdataLength: 9 } }),
    },
    {
      slug: 'no-rdlength',
      what: 'an OPT that ends before its length',
      make: (qname) => query({ name: qname, opt: {} }).subarray(0, -2),
    },
  ];
}
