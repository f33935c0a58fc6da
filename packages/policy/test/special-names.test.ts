import { walk } from '@tridot/wire';
import { describe, expect, it } from 'vitest';
import { createPolicy, PolicyOptionError, SPECIAL_SWITCHES } from '../src/index.ts';
import { ask, brief, NOERROR, NXDOMAIN, policyOf, query, TYPES, UDP_SIZE } from './messages.ts';

const soaOf = (zone: string) => ({
  owner: `${zone}.`,
  type: TYPES.SOA,
  ttl: 10_800,
  data: `${zone}. nobody.invalid. 1 3600 1200 604800 10800`,
});
const ASKED = [TYPES.A, TYPES.AAAA, TYPES.SOA, TYPES.TXT, TYPES.ANY, TYPES.DS, TYPES.NS, 65_280];

const RFC6303 = [
  '10.in-addr.arpa',
  ...Array.from({ length: 16 }, (_, i) => `${16 + i}.172.in-addr.arpa`),
  '168.192.in-addr.arpa',
  '0.in-addr.arpa',
  '127.in-addr.arpa',
  '254.169.in-addr.arpa',
  '2.0.192.in-addr.arpa',
  '100.51.198.in-addr.arpa',
  '113.0.203.in-addr.arpa',
  '255.255.255.255.in-addr.arpa',
  `${'0.'.repeat(32)}ip6.arpa`,
  `1.${'0.'.repeat(31)}ip6.arpa`,
  ...['d.f', '8.e.f', '9.e.f', 'a.e.f', 'b.e.f', '8.b.d.0.1.0.0.2'].map((zone) => `${zone}.ip6.arpa`),
];
const RFC7793 = Array.from({ length: 64 }, (_, i) => `${64 + i}.100.in-addr.arpa`);

describe('names of which nothing exists (RFC 7686, RFC 6761, RFC 6762)', () => {
  const cases = ['onion', 'invalid', 'test', 'local'].flatMap((zone) =>
    ASKED.map((qtype): [string, number] => [zone, qtype]),
  );
  it.each(cases)('%s and below, type %d: NXDOMAIN with SOA', (zone, qtype) => {
    const policy = policyOf();
    for (const qname of [zone, `a.${zone}`, `a.b.c.${zone}`]) {
      const reply = ask(policy, { qname, qtype });
      expect(reply).toMatchObject({ rcode: NXDOMAIN, qname: `${qname}.`, answers: [] });
      expect(reply?.authorities).toEqual([soaOf(zone)]);
    }
    expect(policy.counters).toEqual({ blocked: 0, local: 0, special: 3 });
  });

  it('are found whatever the case of their letters, which the reply repeats', () => {
    const reply = ask(policyOf(), { qname: 'wWw.OnIoN' });
    expect(reply).toMatchObject({ rcode: NXDOMAIN, qname: 'wWw.OnIoN.' });
    expect(reply?.authorities[0]?.owner).toBe('OnIoN.');
  });
});

describe('localhost (RFC 6761 §6.3)', () => {
  it.each(['localhost', 'LOCALHOST', 'a.b.localhost'])('%s has the loopback addresses', (qname) => {
    const policy = policyOf();
    expect(brief(ask(policy, { qname, qtype: TYPES.A }))).toBe('0 [1 7f000001] []');
    expect(brief(ask(policy, { qname, qtype: TYPES.AAAA }))).toBe(`0 [28 ${'0'.repeat(31)}1] []`);
    expect(brief(ask(policy, { qname, qtype: TYPES.ANY }))).toBe(`0 [1 7f000001, 28 ${'0'.repeat(31)}1] []`);
  });

  it.each([TYPES.SOA, TYPES.TXT, TYPES.DS, TYPES.NS, TYPES.MX])('has nothing of type %d', (qtype) => {
    const reply = ask(policyOf(), { qname: 'x.localhost', qtype });
    expect(reply).toMatchObject({ rcode: NOERROR, answers: [] });
    expect(reply?.authorities).toEqual([soaOf('localhost')]);
  });
});

describe('empty zones (RFC 8375, RFC 6303, RFC 7793)', () => {
  const zones = ['home.arpa', ...RFC6303, ...RFC7793];

  it.each(zones)('%s has SOA and NS, nothing else, and nothing below', (zone) => {
    const policy = policyOf();
    const soa = soaOf(zone);
    const ns = { ...soa, type: TYPES.NS, data: `${zone}.` };
    expect(ask(policy, { qname: zone, qtype: TYPES.SOA })?.answers).toEqual([soa]);
    expect(ask(policy, { qname: zone, qtype: TYPES.NS })?.answers).toEqual([ns]);
    expect(ask(policy, { qname: zone, qtype: TYPES.ANY })?.answers).toEqual([soa, ns]);
    for (const qtype of [TYPES.A, TYPES.PTR, TYPES.TXT]) {
      const reply = ask(policy, { qname: zone, qtype });
      expect(reply).toMatchObject({ rcode: NOERROR, answers: [], authorities: [soa] });
    }
    for (const qtype of ASKED) {
      const reply = ask(policy, { qname: `1.2.${zone}`, qtype });
      expect(reply).toMatchObject({ rcode: NXDOMAIN, answers: [], authorities: [soa] });
    }
  });

  it('home.arpa leaves DS of its own name to the parent, and only that', () => {
    const policy = policyOf();
    expect(ask(policy, { qname: 'home.ARPA', qtype: TYPES.DS })).toBeNull();
    expect(ask(policy, { qname: 'a.home.arpa', qtype: TYPES.DS })?.rcode).toBe(NXDOMAIN);
    expect(ask(policy, { qname: '10.in-addr.arpa', qtype: TYPES.DS })?.rcode).toBe(NOERROR);
  });

  it.each([
    '15.172.in-addr.arpa',
    '32.172.in-addr.arpa',
    '63.100.in-addr.arpa',
    '128.100.in-addr.arpa',
    '11.in-addr.arpa',
    '172.in-addr.arpa',
    '7.e.f.ip6.arpa',
    'c.e.f.ip6.arpa',
    'ip6.arpa',
    'arpa',
    '254.255.255.255.in-addr.arpa',
    `2.${'0.'.repeat(31)}ip6.arpa`,
  ])('%s is not one', (qname) => {
    expect(ask(policyOf(), { qname, qtype: TYPES.SOA })).toBeNull();
  });
});

describe('resolver.arpa (RFC 9462 §6.4)', () => {
  it.each(['resolver.arpa', '_dns.resolver.arpa', 'x.y.resolver.arpa'])(
    '%s has no data of any type',
    (qname) => {
      for (const qtype of [...ASKED, 64]) {
        const reply = ask(policyOf(), { qname, qtype });
        expect(reply).toMatchObject({ rcode: NOERROR, answers: [], authorities: [soaOf('resolver.arpa')] });
      }
    },
  );
});

describe('what is not special', () => {
  it.each([
    'example',
    'example.com',
    'www.example.net',
    'xonion',
    'onion.example',
    'com',
    'locals',
    'ahome.arpa',
    '',
  ])('the name "%s"', (qname) => {
    for (const qtype of ASKED) expect(ask(policyOf(), { qname, qtype })).toBeNull();
  });

  it('one label whose octets are those of two', () => {
    expect(ask(policyOf(), { qname: ['a.onion'] })).toBeNull();
    expect(ask(policyOf(), { qname: ['\x01a\x05onion'] })).toBeNull();
    expect(ask(policyOf(), { qname: ['a.b', 'onion'] })?.rcode).toBe(NXDOMAIN);
  });

  it.each([0, 3, 4, 254, 255])('class %d', (qclass) => {
    expect(ask(policyOf(), { qname: 'a.onion', qclass })).toBeNull();
  });

  it.each(Array.from({ length: 15 }, (_, i) => i + 1))('opcode %d', (opcode) => {
    expect(ask(policyOf(), { qname: '10.in-addr.arpa', qtype: TYPES.SOA, flags: opcode << 11 })).toBeNull();
  });

  it('a message with no question, two questions or a fault', () => {
    expect(ask(policyOf(), { qname: 'a.onion', questions: 0 })).toBeNull();
    expect(ask(policyOf(), { qname: 'a.onion', questions: 2 })).toBeNull();
    const cut = query({ qname: 'a.onion' }).subarray(0, -1);
    expect(policyOf().answer(cut, walk(cut))).toBeNull();
  });

  it('the longest names', () => {
    const deep = Array.from({ length: 126 }, () => 'a');
    expect(ask(policyOf(), { qname: [...deep, 'b'] })).toBeNull();
    expect(
      ask(policyOf(), { qname: ['a'.repeat(63), 'b'.repeat(63), 'c'.repeat(63), 'd'.repeat(54), 'onion'] })
        ?.rcode,
    ).toBe(NXDOMAIN);
    const long = Array.from({ length: 124 }, () => 'A');
    expect(ask(policyOf(), { qname: [...long, 'OnION'] })?.rcode).toBe(NXDOMAIN);
  });
});

describe('the switches', () => {
  it.each(SPECIAL_SWITCHES)('%s alone is forwarded when it is off', (zone) => {
    const policy = policyOf({ specialOff: [zone] });
    const members = zone === 'rfc6303' ? RFC6303 : zone === 'rfc7793' ? RFC7793 : [zone];
    for (const member of members) {
      expect(ask(policy, { qname: member })).toBeNull();
      expect(ask(policy, { qname: `a.${member}` })).toBeNull();
    }
    const others = ['onion', 'localhost', '8.b.d.0.1.0.0.2.ip6.arpa', '64.100.in-addr.arpa'].filter(
      (other) => !members.includes(other),
    );
    for (const other of others) expect(ask(policy, { qname: other })).not.toBeNull();
  });

  it('are one for each zone and for each list of reverse zones', () => {
    const single = ['onion', 'localhost', 'invalid', 'test', 'local', 'home.arpa', 'resolver.arpa'];
    expect([...SPECIAL_SWITCHES].sort()).toEqual(
      [...single, ...RFC6303, ...RFC7793, 'rfc6303', 'rfc7793'].sort(),
    );
  });

  it('are taken in any case and with a dot at the end', () => {
    expect(ask(policyOf({ specialOff: ['TEST.'] }), { qname: 'a.test' })).toBeNull();
  });

  it('are refused when there is no such name', () => {
    const create = () => createPolicy({ udpPayloadBytes: UDP_SIZE, specialOff: ['example'] });
    expect(create).toThrow(PolicyOptionError);
    expect(create).toThrow(/special name "example" is not one of onion, localhost, .*rfc7793/);
  });
});

describe('the form of a reply', () => {
  const flags = [0x0000, 0x0100, 0x0010, 0x0110, 0x0730].map((word): [number] => [word]);
  it.each(flags)('flags %i: RD and CD are copied, QR, AA and RA are 1, the rest 0', (word) => {
    const reply = ask(policyOf(), { qname: 'a.onion', flags: word });
    expect(reply?.id).toBe(0x1234);
    expect(reply?.flags).toBe(0x8480 | (word & 0x0110) | NXDOMAIN);
    expect(reply?.opt).toBeNull();
  });

  it.each([true, false])('an OPT is answered with ours, without an extended error (DO %s)', (dnssecOk) => {
    const reply = ask(policyOf(), { qname: 'a.onion', opt: { dnssecOk } });
    expect(reply?.opt).toEqual({ size: UDP_SIZE, flags: dnssecOk ? 0x8000 : 0, options: '' });
    expect(reply?.authorities).toHaveLength(1);
  });
});
