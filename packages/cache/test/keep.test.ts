import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  message,
  name,
  opt,
  option,
  pointer,
  question,
  record,
  uint16,
} from '../../wire/test/build-message.ts';
import { FOUND } from '../src/index.ts';
import { Subject } from './subject.ts';

const QUERY = message({ questions: [question()] });
const soa = (ttl: number, minimum: number): Buffer =>
  record({
    owner: 'example.com',
    type: 6,
    ttl,
    rdata: Buffer.concat([
      name('ns.example'),
      name('m.example'),
      Buffer.alloc(16),
      uint16(minimum >>> 16),
      uint16(minimum & 0xffff),
    ]),
  });
const answer = (ttl: number, parts: Parameters<typeof message>[0] = {}): Buffer =>
  message({ flags: 0x8180, questions: [question()], answers: [record({ ttl })], ...parts });
const ttlOf = (reply: Buffer | null): number => reply?.readUInt32BE(12 + 21 + 6) ?? -1;

describe('what is kept', () => {
  it('lives as long as the lowest TTL of all its records', () => {
    const subject = new Subject();
    const response = answer(300, {
      authorities: [record({ ttl: 7, type: 2 })],
      additionals: [record({ ttl: 9 })],
    });
    expect(subject.keep(QUERY, response)).toBe(true);
    subject.pass(6);
    expect(ttlOf(subject.reply(QUERY))).toBe(294);
    subject.pass(1);
    expect(subject.reply(QUERY)).toBeNull();
  });

  it.each([0, 0x8000_0000, 0xffff_ffff])('is nothing with a TTL of %i', (ttl) => {
    const subject = new Subject();
    expect(subject.keep(QUERY, answer(ttl))).toBe(false);
    expect(subject.found(QUERY)).toBe(FOUND.NOTHING);
  });

  it('has its TTLs cut to the longest', () => {
    const subject = new Subject();
    subject.keep(QUERY, answer(0x7fff_ffff));
    expect(ttlOf(subject.reply(QUERY))).toBe(86_400);
    subject.pass(86_400);
    expect(subject.reply(QUERY)).toBeNull();
  });

  it.each<[string, Buffer]>([
    ['TC', answer(60, { flags: 0x8380 })],
    ['a question less', answer(60, { questions: [] })],
    ['another question', answer(60, { questions: [question('other.example.com')] })],
    ['another type in its question', answer(60, { questions: [question('www.example.com', 28)] })],
    ['FORMERR', answer(60, { flags: 0x8181 })],
    ['NOTIMP', answer(60, { flags: 0x8184 })],
    ['REFUSED', answer(60, { flags: 0x8185 })],
    ['BADVERS', answer(60, { additionals: [opt({ extendedRcode: 1 })] })],
    ['another version of EDNS', answer(60, { additionals: [opt({ version: 1 })] })],
    ['a client subnet', answer(60, { additionals: [opt({ options: [option(8, Buffer.alloc(8))] })] })],
    ['TSIG', answer(60, { additionals: [record({ type: 250 })] })],
    ['octets behind it', answer(60, { trailing: Buffer.from('x') })],
    ['opcode NOTIFY', answer(60, { flags: 0xa180 })],
    ['QR 0', answer(60, { flags: 0x0180 })],
    ['NODATA without SOA', message({ flags: 0x8180, questions: [question()] })],
    ['an alias without its end', answer(60, { answers: [record({ type: 5, rdata: name('b') })] })],
    ['NXDOMAIN without SOA', message({ flags: 0x8183, questions: [question()] })],
    [
      'an SOA cut short',
      message({ flags: 0x8183, questions: [question()], authorities: [record({ type: 6 })] }),
    ],
  ])('is nothing with %s', (_, response) => {
    const subject = new Subject();
    expect(subject.keep(QUERY, response)).toBe(false);
    expect(subject.cache.counters.entries).toBe(0);
  });

  it.each([
    [900, 60, 60],
    [60, 900, 60],
    [900_000, 900_000, 10_800],
  ])(
    'with an SOA of TTL %i and minimum %i says for %i seconds that there is nothing',
    (ttl, minimum, expected) => {
      const subject = new Subject();
      subject.keep(
        QUERY,
        message({ flags: 0x8180, questions: [question()], authorities: [soa(ttl, minimum)] }),
      );
      subject.pass(expected - 1);
      expect(subject.reply(QUERY)?.readUInt32BE(12 + 21 + 13 + 4)).toBe(1);
      subject.pass(1);
      expect(subject.reply(QUERY)).toBeNull();
    },
  );

  it('NODATA is for the type, NXDOMAIN for all types of the name', () => {
    const subject = new Subject();
    const other = message({ questions: [question('www.example.com', 28)] });
    subject.keep(QUERY, message({ flags: 0x8180, questions: [question()], authorities: [soa(60, 60)] }));
    expect(subject.reply(other)).toBeNull();
    subject.keep(QUERY, message({ flags: 0x8183, questions: [question()], authorities: [soa(60, 60)] }));
    expect(subject.reply(other)).toEqual(
      message({ flags: 0x8183, questions: [question('www.example.com', 28)], authorities: [soa(60, 60)] }),
    );
    expect(subject.cache.counters.entries).toBe(1);
    subject.keep(QUERY, answer(60));
    expect(subject.reply(other)).toBeNull();
  });

  it('NXDOMAIN at the end of an alias is for the type alone', () => {
    const subject = new Subject();
    const alias = record({ type: 5, rdata: name('gone.example') });
    subject.keep(
      QUERY,
      message({ flags: 0x8183, questions: [question()], answers: [alias], authorities: [soa(60, 60)] }),
    );
    expect(subject.reply(QUERY)).not.toBeNull();
    expect(subject.reply(message({ questions: [question('www.example.com', 5)] }))).toBeNull();
  });

  it('ANY answers serve ANY alone, and classes do not mix', () => {
    const subject = new Subject();
    const any = message({ questions: [question('www.example.com', 255)] });
    subject.keep(any, answer(60, { questions: [question('www.example.com', 255)] }));
    expect(subject.reply(any)).not.toBeNull();
    expect(subject.reply(QUERY)).toBeNull();
    expect(subject.reply(message({ questions: [question('www.example.com', 255, 3)] }))).toBeNull();
  });
});

describe('a reply', () => {
  const stored = answer(60, {
    flags: 0x85a0,
    additionals: [
      opt({ udpSize: 4000, options: [option(10, Buffer.alloc(16)), option(15, uint16(4)), option(3)] }),
    ],
  });

  it('has ID, letters, RD and CD of its query, and neither AA nor an AD that nobody asked for', () => {
    const subject = new Subject();
    subject.keep(QUERY, stored);
    const query = message({ id: 0xbeef, questions: [question('wWW.example.COM')] });
    expect(subject.reply(query)).toEqual(
      message({
        id: 0xbeef,
        flags: 0x8180,
        questions: [question('wWW.example.COM')],
        answers: [record({ ttl: 60 })],
      }),
    );
  });

  it('has an OPT of ours when its query has one, and of the other OPT only what it says of the answer', () => {
    const subject = new Subject();
    subject.keep(QUERY, stored);
    const query = message({
      questions: [question()],
      additionals: [opt({ options: [option(10, Buffer.alloc(8))] })],
    });
    const expected = {
      flags: 0x8180,
      additionals: [opt({ udpSize: 1232, options: [option(15, uint16(4))] })],
    };
    expect(subject.reply(query)).toEqual(answer(60, expected));
  });

  it('keeps AD and DO for who asked for them', () => {
    const subject = new Subject();
    const query = message({ questions: [question()], additionals: [opt({ flags: 0x8000 })] });
    subject.keep(query, answer(60, { flags: 0x81a0 }));
    expect(subject.reply(query)).toEqual(
      answer(60, { flags: 0x81a0, additionals: [opt({ flags: 0x8000 })] }),
    );
  });

  it('is right when OPT did not lie last', () => {
    const subject = new Subject();
    // The owner of the last record points behind OPT.
    const before = 12 + 21 + 16;
    const records = (target: number): Buffer[] => [
      record({ owner: name('host.example.org') }),
      record({ owner: pointer(target + 5) }),
    ];
    subject.keep(
      QUERY,
      answer(60, { additionals: [opt({ options: [option(10, Buffer.alloc(8))] }), ...records(before + 23)] }),
    );
    expect(subject.reply(QUERY)).toEqual(answer(60, { additionals: records(before) }));
  });

  it('has TTLs that only ever fall, in all sections, and not what looks like one elsewhere', () => {
    const ttls = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(
        ttls,
        fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 8 }),
        ([a = 1, b = 1, c = 1], steps) => {
          const subject = new Subject();
          const response = (x: number, y: number, z: number): Buffer =>
            answer(x, {
              authorities: [record({ ttl: y, type: 2 })],
              additionals: [record({ ttl: z, type: 46, rdata: Buffer.alloc(24, 9) })],
            });
          subject.keep(QUERY, response(a, b, c));
          const cut = (ttl: number): number => Math.min(ttl, 86_400);
          let passed = 0;
          for (const step of steps) {
            subject.pass(step);
            passed += step;
            const isFresh = passed < Math.min(a, b, c);
            const expected = [a, b, c].map((ttl) => cut(ttl) - passed);
            const [x = 0, y = 0, z = 0] = expected;
            expect(subject.reply(QUERY)).toEqual(isFresh ? response(x, y, z) : null);
          }
        },
      ),
    );
  });
});

describe('arbitrary octets', () => {
  it('as response never throw and never answer another question', () => {
    const octets = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 120 }).map((tail) => Buffer.concat([answer(60), tail])),
      fc.tuple(fc.nat(60), fc.integer({ min: 0, max: 255 })).map(([at, octet]) => {
        const response = answer(60, { additionals: [opt()] });
        response[at % response.length] = octet;
        return response;
      }),
    );
    fc.assert(
      fc.property(octets, (response) => {
        const subject = new Subject();
        const given = Buffer.from(response);
        const isKept = subject.keep(QUERY, given);
        expect(given.equals(response)).toBe(true);
        const reply = subject.reply(QUERY);
        expect(reply !== null).toBe(isKept);
        expect(reply?.subarray(12, 33) ?? QUERY.subarray(12, 33)).toEqual(QUERY.subarray(12, 33));
      }),
      { numRuns: 2000 },
    );
  });
});
