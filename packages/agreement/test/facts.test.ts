import { performance } from 'node:perf_hooks';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Facts, factsOf } from '../src/facts.ts';
import type { AddressPolicy, RdataPolicy } from '../src/rdata.ts';
import { agrees, confirms, relate } from '../src/relation.ts';
import {
  A,
  AAAA,
  address,
  alias,
  type Form,
  MX,
  optWithEde,
  response,
  SOA,
  type TestRecord,
  TXT,
  wireName,
} from './messages.ts';

function policy(addresses: AddressPolicy = 'exact'): RdataPolicy {
  return { addresses, ipv4PrefixBits: 24, ipv6PrefixBits: 48 };
}

function facts(
  records: readonly TestRecord[],
  form: Form = {},
  addresses: AddressPolicy = 'exact',
  qtype = A,
): Facts {
  const found = factsOf(response('www.example.com', qtype, records, form), qtype, policy(addresses));
  if (typeof found === 'string') throw new Error(found);
  return found;
}

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const octets = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes));
const typed = fc.oneof(
  octets(4).map((bytes) => ({ type: A, rdata: [bytes] })),
  octets(16).map((bytes) => ({ type: AAAA, rdata: [bytes] })),
  fc
    .tuple(octets(2), name)
    .map(([preference, exchange]) => ({ type: MX, rdata: [preference, { name: exchange }] })),
  fc
    .tuple(name, name, octets(20))
    .map(([mname, rname, rest]) => ({ type: SOA, rdata: [{ name: mname }, { name: rname }, rest] })),
  fc.uint8Array({ maxLength: 30 }).map((bytes) => ({ type: TXT, rdata: [Buffer.from(bytes)] })),
);
const record: fc.Arbitrary<TestRecord> = fc.tuple(name, typed).map(([owner, rest]) => ({ owner, ...rest }));

describe('facts', () => {
  it('are the same for any order, TTLs, case, compression, flags and OPT', () => {
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 12 }).chain((records) =>
          fc.record({
            records: fc.constant(records),
            shuffled: fc.shuffledSubarray(records, { minLength: records.length }),
          }),
        ),
        fc.array(fc.nat(0x7fff_ffff), { minLength: 1 }),
        fc.infiniteStream(fc.boolean()),
        fc.boolean(),
        ({ records, shuffled }, ttls, cases, compress) => {
          const other = shuffled.map((each, i) => ({ ...each, ttl: ttls[i % ttls.length] ?? 0 }));
          const form = {
            compress,
            upper: () => cases.next().value ?? false,
            flags: 0x84a0,
            additional: [optWithEde(3)],
          };
          expect(relate(facts(records), facts(other, form))).toBe('same');
        },
      ),
    );
  });

  it('differ when any octet of RDATA that is no letter differs', () => {
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 6 }),
        name,
        octets(4),
        fc.nat(3),
        (records, owner, bytes, at) => {
          const others = records.filter((each) => each.owner !== owner);
          const changed = Buffer.from(bytes);
          changed[at] = (changed[at] ?? 0) ^ 1;
          const before = facts([...others, { owner, type: A, rdata: [bytes] }]);
          const after = facts([...others, { owner, type: A, rdata: [changed] }]);
          expect(relate(before, after)).toBe('different');
        },
      ),
    );
  });

  it('differ when a record other than an address is added', () => {
    const one = { owner: 'example.com', type: TXT, rdata: [Buffer.from('\x01a')] };
    const more = { owner: 'example.com', type: TXT, rdata: [Buffer.from('\x01b')] };
    expect(relate(facts([one]), facts([one, more]))).toBe('different');
    expect(relate(facts([one, one]), facts([one]))).toBe('same');
  });

  it('tell NXDOMAIN, no data and bogus apart', () => {
    const none = facts([]);
    const nxdomain = facts([], { rcode: 3 });
    const bogus = facts([], { rcode: 2, additional: [optWithEde(6)] });
    for (const [a, b] of [
      [none, nxdomain],
      [none, bogus],
      [nxdomain, bogus],
    ] as const)
      expect(relate(a, b)).toBe('different');
    expect(bogus.verdict).toBe('BOGUS');
  });

  it('ignore signatures, which honest resolvers may have from different servers', () => {
    const signature = {
      owner: 'www.example.com',
      type: 46,
      rdata: [Buffer.alloc(18), { name: 'example.com' }, Buffer.alloc(64)],
    };
    const data = address('www.example.com', '192.0.2.1');
    expect(relate(facts([data, signature]), facts([data]))).toBe('same');
  });

  it.each([
    ['SERVFAIL', { rcode: 2 }, 'RCODE 2'],
    ['SERVFAIL for another reason than DNSSEC', { rcode: 2, additional: [optWithEde(22)] }, 'RCODE 2'],
    ['REFUSED', { rcode: 5 }, 'RCODE 5'],
    ['TC', { flags: 0x8380 }, 'TRUNCATED'],
    ['a query', { flags: 0x0100 }, 'UNREADABLE'],
  ])('are none for %s', (_, form, why) => {
    expect(factsOf(response('example.com', A, [], form), A, policy())).toBe(why);
  });
});

describe('address policies', () => {
  const near = [address('www.example.com', '192.0.2.1')];
  const sibling = [address('www.example.com', '192.0.2.200')];
  const far = [address('www.example.com', '198.51.100.1')];
  const elsewhere = [alias('www.example.com', 'cdn.example.net'), address('cdn.example.net', '203.0.113.9')];

  it.each([
    ['exact', near, sibling, 'different'],
    ['same-prefix', near, sibling, 'same'],
    ['same-prefix', near, far, 'different'],
    ['same-prefix', near, elsewhere, 'different'],
    ['ignore', near, far, 'same'],
    ['ignore', near, elsewhere, 'same'],
    ['ignore', near, [], 'different'],
  ] as const)('%s', (addresses, a, b, relation) => {
    expect(relate(facts(a, {}, addresses), facts(b, {}, addresses))).toBe(relation);
  });

  it('cut IPv6 addresses at their own length', () => {
    const at = (text: string) => ({
      owner: 'www.example.com',
      type: AAAA,
      rdata: [Buffer.from(text, 'hex')],
    });
    const network = '20010db80001';
    const a = facts([at(`${network}00010000000000000001`)], {}, 'same-prefix', AAAA);
    const b = facts([at(`${network}ffff0000000000000002`)], {}, 'same-prefix', AAAA);
    const c = facts([at('20010db80002ffff0000000000000002')], {}, 'same-prefix', AAAA);
    expect(relate(a, b)).toBe('same');
    expect(relate(a, c)).toBe('different');
  });

  it('do not loosen other types', () => {
    const mx = (exchange: string) => [
      { owner: 'example.com', type: MX, rdata: [Buffer.from([0, 10]), { name: exchange }] },
    ];
    expect(relate(facts(mx('a.example'), {}, 'ignore', MX), facts(mx('b.example'), {}, 'ignore', MX))).toBe(
      'different',
    );
  });

  it('compare of HTTPS records the target and the parameters, not hints and ECH keys', () => {
    const https = (hint: number, ech: number, alpn: string) => [
      {
        owner: 'example.com',
        type: 65,
        rdata: [
          Buffer.from([0, 1, 0, 0, 1, 0, 3, 2]),
          Buffer.from(alpn),
          Buffer.from([0, 4, 0, 4, 192, 0, 2, hint, 0, 5, 0, 1, ech]),
        ],
      },
    ];
    const a = facts(https(1, 1, 'h2'), {}, 'same-prefix', 65);
    expect(relate(a, facts(https(2, 2, 'h2'), {}, 'same-prefix', 65))).toBe('same');
    expect(relate(a, facts(https(1, 1, 'h3'), {}, 'same-prefix', 65))).toBe('different');
  });
});

describe('sets of addresses', () => {
  const set = (...last: number[]) =>
    facts(last.map((octet) => address('www.example.com', `192.0.2.${octet}`)));

  it.each([
    [[1, 2], [2, 1], 'same', true, true, true],
    [[1], [1, 2], 'within', false, true, true],
    [[1, 2], [1], 'contains', false, true, true],
    [[1, 2], [2, 3], 'overlaps', false, false, true],
    [[1], [2], 'different', false, false, false],
  ] as const)('%j beside %j', (a, b, relation, equal, subset, overlap) => {
    expect(relate(set(...a), set(...b))).toBe(relation);
    expect(agrees(relation, 'equal')).toBe(equal);
    expect(agrees(relation, 'subset')).toBe(subset);
    expect(agrees(relation, 'overlap')).toBe(overlap);
  });

  it('that has a record more is not confirmed by the one without it', () => {
    expect(confirms('contains', 'subset')).toBe(false);
    expect(confirms('within', 'subset')).toBe(true);
    expect(confirms('contains', 'overlap')).toBe(true);
  });
});

describe('hostile responses', () => {
  it('never throw and never change', () => {
    const whole = response(
      'www.example.com',
      A,
      [alias('www.example.com', 'a.example'), address('a.example', '192.0.2.1')],
      {
        compress: true,
        additional: [optWithEde(6)],
      },
    );
    const mutated = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map((changes) => {
        const copy = Buffer.from(whole);
        for (const [at, octet] of changes) copy[at] = octet;
        return copy;
      });
    const arbitrary = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(mutated, arbitrary), fc.constantFrom(A, MX, 65, 255), (message, qtype) => {
        const copy = Buffer.from(message);
        factsOf(message, qtype, policy('same-prefix'));
        expect(message.equals(copy)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('cost bounded time: the largest message whose every name is the longest one, compressed', () => {
    const long = Array.from({ length: 4 }, (_, i) =>
      String.fromCharCode(97 + i).repeat(i === 3 ? 61 : 63),
    ).join('.');
    const parts = [response(long, 14, [])];
    const minfo = Buffer.from([0xc0, 12, 0, 14, 0, 1, 0, 0, 0, 9, 0, 4, 0xc0, 12, 0xc0, 12]);
    const count = Math.floor((65_535 - (parts[0]?.length ?? 0)) / minfo.length);
    for (let i = 0; i < count; i++) parts.push(minfo);
    const message = Buffer.concat(parts);
    message.writeUInt16BE(count, 6);
    const startedMs = performance.now();
    expect(factsOf(message, 14, policy())).toBe('UNREADABLE');
    expect(performance.now() - startedMs).toBeLessThan(500);
  });

  it('are unreadable when a name in RDATA runs out of its record or in circles', () => {
    const broken = (rdata: Buffer) =>
      factsOf(
        response('example.com', MX, [
          { owner: 'example.com', type: MX, rdata: [Buffer.from([0, 1]), rdata] },
        ]),
        MX,
        policy(),
      );
    expect(broken(Buffer.from([5, 97, 97]))).toBe('UNREADABLE');
    expect(broken(Buffer.from([0xc0, 54]))).toBe('UNREADABLE');
    expect(broken(wireName('mail.example.com'))).toMatchObject({ verdict: 'NOERROR' });
  });
});
