/** N7: reverse zones of addresses that mean something else everywhere. */
import type { AnswerCase } from '../answer-case.ts';
import { deepEqual, equal, ok } from '../assert.ts';
import { name, query } from '../bytes/build.ts';
import { RCODE, TYPE } from '../bytes/numbers.ts';
import { hasFlag } from '../bytes/read.ts';
import { BOTH, UDP } from '../case.ts';
import type { CaseContext } from '../context.ts';
import { unseen } from '../expectations.ts';
import { denied, emptyZoneSoa, forwarded, nameAt } from '../special.ts';

const PTR = 12;

/** RFC 6303 §4. */
const PRIVATE = [
  ...['10', '0', '127', '168.192', '254.169', '2.0.192', '100.51.198', '113.0.203', '255.255.255.255'].map(
    v4,
  ),
  ...range(16, 31).map((octet) => v4(`${octet}.172`)),
  ...['d.f', '8.e.f', '9.e.f', 'a.e.f', 'b.e.f', '8.b.d.0.1.0.0.2'].map(v6),
  ...['0', '1'].map((last) => v6(`${last}.${Array(31).fill('0').join('.')}`)),
];
/** RFC 7793: 100.64.0.0/10. */
const SHARED = range(64, 127).map((octet) => v4(`${octet}.100`));

/** Next to these zones, or above them. */
const NEIGHBOURS = [
  ...[
    '1',
    '9',
    '11',
    '126',
    '128',
    '15.172',
    '32.172',
    '172',
    '167.192',
    '169.192',
    '192',
    '253.169',
    '255.169',
  ].map(v4),
  ...['63.100', '128.100', '100', '1.0.192', '99.51.198', '114.0.203', '254.255.255.255', '255'].map(v4),
  ...['c.f', 'e.f', '7.e.f', 'c.e.f', '9.b.d.0.1.0.0.2', `2.${Array(31).fill('0').join('.')}`, '0', '2'].map(
    v6,
  ),
];

export const REVERSE_ZONE_CASES: readonly AnswerCase[] = [
  zoneCase('N7.private', 'RFC 6303 §3, §4', 'private and other special addresses', PRIVATE),
  zoneCase('N7.shared', 'RFC 7793 §2, RFC 6303 §3', 'addresses shared by carriers', SHARED),
  {
    id: 'N7.names',
    level: 'SHOULD',
    reference: 'RFC 6303 §3',
    title:
      'SHOULD name the zone itself as its name server and its primary, not a name that could be looked up',
    oursAlone: 'unbound names localhost; the others have no such zones',
    transports: UDP,
    async run(context) {
      for (const zone of [...PRIVATE, ...SHARED]) {
        for (const type of [TYPE.NS, TYPE.SOA]) {
          const reply = await context.ask(query({ name: zone, type }));
          const named = nameAt(reply.bytes, reply.answers[0]?.rdata ?? Buffer.alloc(1));
          deepEqual(named, name(zone), `the name in type ${type} of ${zone}`);
        }
      }
      unseen(context);
    },
  },
  {
    id: 'N7.neighbours',
    level: 'MUST',
    reference: 'RFC 6303 §4',
    title: 'MUST forward the reverse zones beside and above those of special addresses',
    transports: BOTH,
    async run(context) {
      for (const zone of NEIGHBOURS) await forwarded(context, query({ name: zone, type: PTR }));
    },
  },
  {
    id: 'N7.off',
    level: 'MUST',
    reference: 'RFC 6303 §3',
    title: 'MUST forward each reverse zone that is switched off',
    transports: UDP,
    needs: ['special-off'],
    setup: { settings: { specialOff: [...PRIVATE, ...SHARED] }, fresh: true },
    async run(context) {
      for (const zone of [...PRIVATE, ...SHARED]) {
        await forwarded(context, query({ name: `9.${zone}`, type: PTR }));
      }
    },
  },
  {
    id: 'N7.one-off',
    level: 'MUST',
    reference: 'RFC 6303 §3',
    title: 'MUST forward one reverse zone that is switched off, and only that',
    transports: UDP,
    needs: ['special-off'],
    setup: { settings: { specialOff: ['10.in-addr.arpa'] }, fresh: true },
    async run(context) {
      await forwarded(context, query({ name: '1.0.0.10.in-addr.arpa', type: PTR }));
      const before = context.rawJournal.length;
      const asked = query({ name: '1.0.168.192.in-addr.arpa', type: PTR });
      denied(asked, await context.ask(asked), RCODE.NXDOMAIN);
      equal(context.rawJournal.length, before, 'queries for another zone at the upstream');
    },
  },
];

function zoneCase(id: string, reference: string, what: string, zones: readonly string[]): AnswerCase {
  return {
    id,
    level: 'SHOULD',
    reference,
    title: `SHOULD serve an empty zone for each reverse zone of ${what}, with authority, and ask nobody`,
    transports: BOTH,
    async run(context) {
      for (const zone of zones) await isEmptyZone(context, zone);
      unseen(context);
    },
  };
}

async function isEmptyZone(context: CaseContext, zone: string): Promise<void> {
  const client = await context.open();
  const ask = (type: number, qname = zone) => context.ask(query({ name: qname, type }), { client });
  const soa = await ask(TYPE.SOA);
  deepEqual(
    [soa.rcode, soa.answers.length, soa.answers[0]?.type],
    [RCODE.NOERROR, 1, TYPE.SOA],
    `SOA of ${zone}`,
  );
  emptyZoneSoa(soa.answers[0]);
  ok(hasFlag(soa, 'AA'), `AA for ${zone}`);
  const ns = await ask(TYPE.NS);
  deepEqual([ns.rcode, ns.answers.length, ns.answers[0]?.type], [RCODE.NOERROR, 1, TYPE.NS], `NS of ${zone}`);
  // The one of ::1 may have a name, and so a PTR record.
  for (const type of [TYPE.A, TYPE.TXT]) {
    const asked = query({ name: zone.toUpperCase(), type });
    const reply = denied(asked, await context.ask(asked, { client }), RCODE.NOERROR);
    emptyZoneSoa(reply.authorities[0]);
  }
  for (const type of [PTR, TYPE.A]) {
    const asked = query({ name: `9.8.${zone}`, type });
    const reply = denied(asked, await context.ask(asked, { client }), RCODE.NXDOMAIN);
    ok(hasFlag(reply, 'AA'), `AA below ${zone}`);
    emptyZoneSoa(reply.authorities[0]);
  }
}

function v4(zone: string): string {
  return `${zone}.in-addr.arpa`;
}

function v6(zone: string): string {
  return `${zone}.ip6.arpa`;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
