/** Responses that are judged when somebody asks for them, beside the same ones judged at once. */
import { walk } from '@tridot/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { message, name, opt, option, question, record } from '../../wire/test/build-message.ts';
import { FOUND } from '../src/index.ts';
import { countOctets, Subject } from './subject.ts';

const QUERY = message({ questions: [question()], additionals: [opt()] });
const answer = (parts: Parameters<typeof message>[0] = {}): Buffer =>
  message({ flags: 0x8180, questions: [question()], answers: [record({ ttl: 60 })], ...parts });

describe('what may stay unread', () => {
  it.each<[string, Buffer]>([
    ['a plain answer', answer()],
    ['an answer with a bare OPT', answer({ additionals: [opt()] })],
    ['an answer with more records', answer({ authorities: [record({ type: 2 })], additionals: [record()] })],
  ])('is %s', (_, response) => {
    expect(new Subject().keepUnread(QUERY, response)).toBe(true);
  });

  it.each<[string, Buffer]>([
    ['NXDOMAIN', answer({ flags: 0x8183 })],
    ['SERVFAIL', answer({ flags: 0x8182 })],
    ['TC', answer({ flags: 0x8380 })],
    ['QR 0', answer({ flags: 0x0180 })],
    ['opcode NOTIFY', answer({ flags: 0xa180 })],
    ['no question', answer({ questions: [] })],
    ['two questions', answer({ questions: [question(), question()] })],
    ['options in its OPT', answer({ additionals: [opt({ options: [option(15, Buffer.alloc(2))] })] })],
    ['an OPT before other records', answer({ additionals: [opt(), record()] })],
    ['octets behind it', answer({ trailing: Buffer.from('x') })],
    ['a fault', answer().subarray(0, -1)],
    ['a type whose denial lies elsewhere', answer({ questions: [question('www.example.com', 15)] })],
  ])('is nothing with %s', (_, response) => {
    const subject = new Subject();
    expect(subject.keepUnread(QUERY, response)).toBe(false);
    expect(subject.cache.counters.entries).toBe(0);
  });

  it('is nothing for a name that something is known about', () => {
    const subject = new Subject();
    expect(subject.keep(QUERY, answer())).toBe(true);
    expect(subject.keepUnread(QUERY, answer({ answers: [record({ ttl: 9 })] }))).toBe(false);
    const other = message({ questions: [question('www.example.com', 28)] });
    expect(subject.keepUnread(other, answer({ questions: [question('www.example.com', 28)] }))).toBe(false);
  });
});

describe('an unread response', () => {
  it.each<[string, Buffer]>([
    ['a TTL of 0', answer({ answers: [record({ ttl: 0 })] })],
    ['NODATA without SOA', answer({ answers: [] })],
    ['an alias without its end', answer({ answers: [record({ type: 5, rdata: name('b') })] })],
    ['BADVERS', answer({ additionals: [opt({ extendedRcode: 1 })] })],
    ['another version of EDNS', answer({ additionals: [opt({ version: 1 })] })],
    ['TSIG', answer({ additionals: [record({ type: 250 })] })],
  ])('with %s is gone once it is asked for', (_, response) => {
    const subject = new Subject();
    expect(subject.keepUnread(QUERY, response)).toBe(true);
    expect(subject.found(QUERY)).toBe(FOUND.NOTHING);
    expect(subject.cache.counters).toMatchObject({ entries: 0, octets: 0, misses: 1 });
  });

  it('is no answer to another question, whatever its own is', () => {
    const subject = new Subject();
    subject.keepUnread(QUERY, answer({ questions: [question('other.example.com')] }));
    expect(subject.found(QUERY)).toBe(FOUND.NOTHING);
    expect(subject.found(message({ questions: [question('other.example.com')] }))).toBe(FOUND.NOTHING);
  });

  it('is judged by the time when it came', () => {
    const subject = new Subject({ staleSeconds: 100 });
    subject.keepUnread(QUERY, answer());
    subject.pass(60);
    expect(subject.found(QUERY)).toBe(FOUND.EXPIRED);
    subject.pass(100);
    expect(subject.found(QUERY)).toBe(FOUND.NOTHING);
  });

  it('is an answer at hand when asking again fails', () => {
    const subject = new Subject();
    subject.keepUnread(QUERY, answer());
    subject.pass(60);
    subject.fail(QUERY);
    expect(subject.found(QUERY)).toBe(FOUND.STALE);
  });

  it('makes room without having been judged', () => {
    const subject = new Subject({ maxBytes: 16_384, maxEntries: 64 });
    for (let i = 0; i < 1000; i++) {
      const questions = [question(`n${i}.example.com`)];
      expect(subject.keepUnread(message({ questions }), answer({ questions }))).toBe(true);
      const { octets, entries } = subject.cache.counters;
      expect({ octets, entries }).toEqual(countOctets(subject.cache));
    }
    expect(subject.reply(message({ questions: [question('n999.example.com')] }))).not.toBeNull();
  });

  const ttl = fc.constantFrom(0, 1, 60, 90_000, 0x8000_0000);
  const records = fc.array(
    fc.record({ ttl, type: fc.constantFrom(1, 5, 6, 28, 46), rdata: fc.uint8Array({ maxLength: 30 }) }),
    { maxLength: 4 },
  );
  const responses = fc
    .record({
      flags: fc.constantFrom(0x8180, 0x8580, 0x81a0, 0x8190),
      answers: records,
      authorities: records,
      hasOpt: fc.boolean(),
    })
    .map(({ flags, answers, authorities, hasOpt }) =>
      message({
        flags,
        questions: [question('wWw.example.com')],
        answers: answers.map((each) => record({ ...each, rdata: Buffer.from(each.rdata) })),
        authorities: authorities.map((each) => record({ ...each, rdata: Buffer.from(each.rdata) })),
        additionals: hasOpt ? [opt({ udpSize: 4096 })] : [],
      }),
    );
  const queries = fc
    .tuple(fc.constantFrom(0x0100, 0x0120), fc.option(fc.constantFrom({}, { flags: 0x8000 }), { nil: null }))
    .map(([flags, edns]) =>
      message({ flags, questions: [question()], additionals: edns === null ? [] : [opt(edns)] }),
    );

  it('becomes the entry that it would have been at once, octet by octet', () => {
    fc.assert(
      fc.property(queries, responses, fc.nat(70), (query, response, seconds) => {
        const [late, early] = [new Subject(), new Subject()];
        const given = Buffer.from(response);
        fc.pre(late.keepUnread(query, given));
        expect(given).toEqual(response);
        early.keep(query, response);
        for (const subject of [late, early]) subject.pass(seconds);
        expect(late.found(query)).toBe(early.found(query));
        expect(late.cache.counters).toEqual(early.cache.counters);
        expect(entriesOf(late)).toEqual(entriesOf(early));
      }),
      { numRuns: 500 },
    );
  });

  it('never throws and never answers another question, whatever its octets are', () => {
    const octets = fc
      .tuple(responses, fc.nat(200), fc.integer({ min: 0, max: 255 }))
      .map(([response, at, octet]) => {
        response[at % response.length] = octet;
        return response;
      });
    fc.assert(
      fc.property(octets, (response) => {
        const subject = new Subject();
        if (!subject.keepUnread(QUERY, response)) return;
        const reply = subject.reply(QUERY);
        if (reply !== null) expect(reply.subarray(12, 33)).toEqual(QUERY.subarray(12, 33));
        if (reply !== null) expect(walk(reply).fault).toBeNull();
      }),
      { numRuns: 1000 },
    );
  });
});

/** All words of all entries but their hashes, which each cache chooses for itself. */
function entriesOf({ cache: { store } }: Subject): number[][] {
  const entries: number[][] = [];
  store.forEach((at) => {
    const words = [...store.memory.words.subarray(at, at + store.memory.size(at))];
    words[1] = 0;
    entries.push(words);
  });
  return entries;
}
