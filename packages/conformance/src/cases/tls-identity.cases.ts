/** A: whom the subject takes for its upstream. */

import {
  behaviours,
  createSelfSigned,
  createTestCa,
  type IssuedCertificate,
  type TestCa,
} from '@tridot/testbed';
import { equal, match, ok } from '../assert.ts';
import { query } from '../bytes/build.ts';
import { RCODE } from '../bytes/numbers.ts';
import { type ConformanceCase, UDP } from '../case.ts';
import type { CaseContext } from '../context.ts';
import { alive, answered } from '../expectations.ts';

const NAME = 'dot.example.com';
const DAY_MS = 86_400_000;
const YESTERDAY = { notBefore: new Date(Date.now() - 9 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) };
const TOMORROW = { notBefore: new Date(Date.now() + DAY_MS), notAfter: new Date(Date.now() + 9 * DAY_MS) };
const GOOD = { dnsNames: [NAME] };

interface Certificate {
  readonly id: string;
  readonly reference: string;
  /** Completes "a certificate …". */
  readonly what: string;
  readonly make: (ca: TestCa) => Promise<IssuedCertificate>;
  readonly oursAlone?: string;
}

const BY_COMMON_NAME = 'the TLS libraries of the others take the common name where no other name is given';

const BAD: readonly Certificate[] = [
  certificate('A1.self-signed', 'RFC 8310 §8.1', 'that signs itself', () => createSelfSigned(GOOD)),
  certificate('A1.unknown-ca', 'RFC 8310 §8.1', 'of an unknown authority', async () =>
    (await createTestCa()).issue(GOOD),
  ),
  certificate('A1.missing-intermediate', 'RFC 8310 §8.1', 'without its intermediate', async (ca) =>
    (await ca.createIntermediate({ sent: false })).issue(GOOD),
  ),
  certificate('A2.other-name', 'RFC 8310 §8.1', 'for another name', (ca) =>
    ca.issue({ dnsNames: ['other.example.com'] }),
  ),
  certificate('A2.wildcard-below', 'RFC 6125 §6.4.3', 'for names below its own alone', (ca) =>
    ca.issue({ dnsNames: [`*.${NAME}`] }),
  ),
  certificate('A2.suffix', 'RFC 8310 §8.1', 'for a name that begins with the right one', (ca) =>
    ca.issue({ dnsNames: [`${NAME}.evil.example`] }),
  ),
  certificate(
    'A3',
    'RFC 8310 §8.1',
    'with the right name in its subject and no subjectAltName',
    (ca) => ca.issue({ commonName: NAME }),
    BY_COMMON_NAME,
  ),
  certificate(
    'A3.ip-san',
    'RFC 8310 §8.1',
    'with the right name in its subject and an address as subjectAltName',
    (ca) => ca.issue({ commonName: NAME, ipAddresses: ['127.0.0.1'] }),
  ),
  certificate('A4.expired', 'RFC 5280 §6', 'that has expired', (ca) => ca.issue({ ...GOOD, ...YESTERDAY })),
  certificate('A4.not-yet', 'RFC 5280 §6', 'that is not valid yet', (ca) =>
    ca.issue({ ...GOOD, ...TOMORROW }),
  ),
  certificate('A4.intermediate', 'RFC 5280 §6', 'whose intermediate has expired', async (ca) =>
    (await ca.createIntermediate(YESTERDAY)).issue(GOOD),
  ),
  certificate('A5.usage', 'RFC 5280 §4.2.1.12', 'for clients alone', (ca) =>
    ca.issue({ ...GOOD, extendedKeyUsage: ['clientAuth'] }),
  ),
  certificate('A5.leaf-signs', 'RFC 5280 §4.2.1.9', 'signed by one that must not sign', async (ca) =>
    (await ca.createIntermediate({ ca: false })).issue(GOOD),
  ),
  certificate(
    'A5.path-length',
    'RFC 5280 §4.2.1.9',
    'over more authorities than one of them allows',
    async (ca) =>
      // Of other names: one that issues itself does not count (RFC 5280 §4.2.1.9).
      (
        await (
          await ca.createIntermediate({ pathLength: 0, commonName: 'outer' })
        ).createIntermediate({ commonName: 'inner' })
      ).issue(GOOD),
  ),
];

const FINE: readonly Certificate[] = [
  certificate('A1.intermediate', 'RFC 8310 §8.1', 'with its intermediate', async (ca) =>
    (await ca.createIntermediate()).issue(GOOD),
  ),
  certificate('A2.letter-case', 'RFC 8310 §8.1, RFC 4343', 'for the name in other letter case', (ca) =>
    ca.issue({ dnsNames: [NAME.toUpperCase()] }),
  ),
  certificate('A2.several', 'RFC 8310 §8.1', 'for several names', (ca) =>
    ca.issue({ dnsNames: ['a.example', NAME, 'b.example'] }),
  ),
];

const PINS: readonly {
  readonly slug: string;
  readonly pins: readonly ('right' | 'wrong')[];
  readonly accepted: boolean;
}[] = [
  { slug: 'match', pins: ['right'], accepted: true },
  { slug: 'one-of-two', pins: ['wrong', 'right'], accepted: true },
  { slug: 'no-match', pins: ['wrong'], accepted: false },
];

export const TLS_IDENTITY_CASES: readonly ConformanceCase[] = [
  ...BAD.map(
    ({ id, reference, what, make, oursAlone }): ConformanceCase => ({
      id,
      ...(oursAlone === undefined ? {} : { oursAlone }),
      level: 'MUST',
      reference,
      title: `MUST refuse a certificate ${what}, and send not one octet of DNS`,
      transports: UDP,
      setup: { upstreamDown: true, settings: { queryTimeoutMs: 1_000 } },
      async run(context) {
        await refuses(context, await make(context.ca));
      },
    }),
  ),
  ...FINE.map(
    ({ id, reference, what, make }): ConformanceCase => ({
      id,
      level: 'MUST',
      reference,
      title: `MUST accept a certificate ${what}`,
      transports: UDP,
      setup: { upstreamDown: true },
      async run(context) {
        context.upstream.useCertificate(await make(context.ca));
        await context.upstream.start();
        await alive(context);
      },
    }),
  ),
  {
    id: 'A1.log',
    level: 'SHOULD',
    reference: '',
    title: 'SHOULD log why a certificate was refused, and not once for each query',
    transports: UDP,
    setup: { upstreamDown: true, settings: { queryTimeoutMs: 1_000 } },
    async run(context) {
      const before = context.subject.logs().length;
      await refuses(context, await createSelfSigned(GOOD));
      for (let round = 0; round < 20; round += 1) await context.ask(query({ name: context.qname() }));
      const lines = context.subject
        .logs()
        .slice(before)
        .split('\n')
        .filter((line) => REASON.test(line));
      ok(lines.length >= 1 && lines.length <= 5, `${lines.length} lines that name the reason`);
    },
  },
  {
    id: 'A4.root',
    level: 'MUST',
    reference: 'RFC 5280 §6',
    title: 'MUST refuse a certificate whose root has expired',
    transports: UDP,
    needs: ['starts-unready'],
    setup: { trust: YESTERDAY, upstreamDown: true, settings: { queryTimeoutMs: 1_000 } },
    async run(context) {
      await refuses(context, await context.ca.issue(GOOD));
    },
  },
  {
    id: 'A6',
    level: 'MUST',
    reference: 'RFC 8310 §8.1',
    title: 'MUST not let the environment switch authentication off',
    transports: UDP,
    needs: ['process'],
    setup: {
      upstreamDown: true,
      environment: { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      settings: { queryTimeoutMs: 1_000 },
    },
    async run(context) {
      await refuses(context, await context.ca.issue({ dnsNames: ['other.example.com'] }));
    },
  },
  {
    id: 'A7',
    level: 'MUST',
    reference: 'RFC 8310 §6.6',
    title: 'MUST want the address in the certificate of an upstream that is known by its address alone',
    transports: UDP,
    needs: ['upstream-by-address'],
    setup: { authNames: [''], upstreamDown: true, settings: { queryTimeoutMs: 1_000 } },
    async run(context) {
      await refuses(context, await context.ca.issue(GOOD));
    },
  },
  {
    id: 'A7.accepted',
    level: 'MUST',
    reference: 'RFC 8310 §6.6',
    title: 'MUST accept an upstream known by its address whose certificate has that address, without SNI',
    transports: UDP,
    needs: ['upstream-by-address'],
    setup: { authNames: [''], upstreamDown: true },
    async run(context) {
      context.upstream.useCertificate(await context.ca.issue({ ipAddresses: ['127.0.0.1'] }));
      await context.upstream.start();
      await alive(context);
      equal(context.upstream.journal.connections.at(-1)?.tls?.sni, null, 'no address as server name');
    },
  },
  {
    id: 'A8',
    level: 'MUST',
    reference: 'RFC 6066 §3',
    title: 'MUST send the authentication name as server name',
    transports: UDP,
    async run(context) {
      await alive(context);
      equal(context.upstream.journal.connections.at(-1)?.tls?.sni, NAME);
    },
  },
  {
    id: 'A9',
    level: 'MUST',
    reference: 'RFC 8446 §4.6.1',
    title: 'MUST not resume a session of one upstream at another of a different name',
    transports: UDP,
    needs: ['two-upstreams'],
    setup: {
      upstreams: 2,
      authNames: [NAME, 'other.example.com'],
      upstream: { ticketKeys: Buffer.alloc(48, 7) },
      settings: { queryTimeoutMs: 1_500 },
    },
    async run(context) {
      const [first, second] = context.upstreams;
      await alive(context);
      await first?.kill();
      equal((await context.ask(query({ name: context.qname() }))).rcode, RCODE.SERVFAIL);
      equal(second?.journal.queryCount, 0, 'nothing reaches the one that shows the wrong name');
    },
  },
  ...PINS.map(
    ({ slug, pins, accepted }): ConformanceCase => ({
      id: `A10.${slug}`,
      level: 'MUST',
      reference: 'RFC 7858 §4.2',
      title: `MUST ${accepted ? 'accept' : 'refuse'} an upstream of a good chain whose key is ${
        pins.length > 1 ? 'one of several pins' : accepted ? 'the pin' : 'none of the pins'
      }`,
      transports: UDP,
      needs: ['pins'],
      setup: { pins, settings: { queryTimeoutMs: 1_000 } },
      async run(context) {
        const asked = query({ name: context.qname() });
        const reply = await context.ask(asked);
        if (accepted) return answered(asked, reply);
        equal(reply.rcode, RCODE.SERVFAIL, 'rcode SERVFAIL');
        equal(context.rawJournal.length, 0, 'no query at the upstream');
      },
    }),
  ),
  {
    id: 'A11',
    level: 'MUST',
    reference: 'RFC 8996, RFC 9325 §3.1.1',
    title: 'MUST refuse TLS 1.1',
    transports: UDP,
    setup: { upstreamDown: true, settings: { queryTimeoutMs: 1_000 } },
    async run(context) {
      context.upstream.behave(behaviours.tls11Only());
      await context.upstream.start();
      equal((await context.ask(query({ name: context.qname() }))).rcode, RCODE.SERVFAIL);
      equal(context.rawJournal.length, 0, 'no query');
    },
  },
  {
    id: 'A11.newest',
    level: 'SHOULD',
    reference: 'RFC 9325 §3.1.1',
    title: 'SHOULD agree on TLS 1.3, and on TLS 1.2 where there is nothing newer',
    transports: UDP,
    setup: { upstreamDown: true },
    async run(context) {
      await context.upstream.start();
      await alive(context);
      equal(context.upstream.journal.connections.at(-1)?.tls?.protocol, 'TLSv1.3');
      await context.upstream.stop();
      context.upstream.behave(behaviours.tls12Only());
      await context.upstream.start();
      const asked = query({ name: context.qname() });
      answered(asked, await context.ask(asked));
      equal(context.upstream.journal.connections.at(-1)?.tls?.protocol, 'TLSv1.2');
    },
  },
  {
    id: 'A22',
    level: 'SHOULD',
    reference: 'RFC 8310 §5',
    title: 'SHOULD serve by the good upstreams while one cannot be authenticated',
    transports: UDP,
    needs: ['two-upstreams'],
    setup: { upstreams: 2, upstreamDown: true },
    async run(context) {
      const [first, second] = context.upstreams;
      first?.useCertificate(await context.ca.issue({ dnsNames: ['other.example.com'] }));
      await Promise.all([first?.start(), second?.start()]);
      const asked = query({ name: context.qname() });
      answered(asked, await context.ask(asked));
      equal(first?.journal.queryCount, 0, 'nothing reaches the wrong one');
    },
  },
];

const REASON = /certif|self.?signed|issuer|verif|trust|authenticat/i;

/** SERVFAIL, and not one query; every connection begins with a ClientHello. */
async function refuses(context: CaseContext, certificate: IssuedCertificate): Promise<void> {
  context.upstream.useCertificate(certificate);
  await context.upstream.start();
  const reply = await context.ask(query({ name: context.qname() }));
  equal(context.rawJournal.length, 0, 'no query at the upstream');
  equal(reply.rcode, RCODE.SERVFAIL, 'rcode SERVFAIL');
  const dialled = context.upstream.journal.connections.filter(({ firstOctets }) => firstOctets.length > 0);
  ok(dialled.length > 0, 'it tried');
  for (const { firstOctets } of dialled) match(firstOctets.toString('hex'), /^1603/, 'a ClientHello first');
}

function certificate(
  id: string,
  reference: string,
  what: string,
  make: Certificate['make'],
  oursAlone?: string,
): Certificate {
  return { id, reference, what, make, ...(oursAlone === undefined ? {} : { oursAlone }) };
}
