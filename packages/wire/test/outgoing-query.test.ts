import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildOutgoing,
  forEachOption,
  framedLength,
  setMessageId,
  walk,
  withoutOption,
  withoutOwnOpt,
  writeFramed,
} from '../src/index.ts';
import { anyMessage } from './arbitraries.ts';
import { message, name, opt, option, pointer, question, record, uint16 } from './build-message.ts';

const PER_HOP = [option(10, Buffer.alloc(8)), option(11), option(12, Buffer.alloc(30))];
const ECS = option(8, Buffer.from('00010000', 'hex'));

function outgoing(query: Buffer) {
  return buildOutgoing(query, walk(query));
}

describe('buildOutgoing', () => {
  it('adds OPT when the client sent none', () => {
    const built = outgoing(message({ questions: [question()] }));
    expect(built.message).toEqual(
      message({ questions: [question()], additionals: [opt({ udpSize: 65535 })] }),
    );
    expect(built).toMatchObject({ optOffset: 33, optIsOurs: true, qnameEnd: 29, questionEnd: 33, opcode: 0 });
  });

  it('keeps version, flags and end-to-end options of the client, with our own size', () => {
    const built = outgoing(
      message({
        questions: [question()],
        additionals: [opt({ udpSize: 512, flags: 0xffff, options: [ECS, ...PER_HOP, ECS] })],
      }),
    );
    expect(built.message).toEqual(
      message({
        questions: [question()],
        additionals: [opt({ udpSize: 65535, flags: 0xffff, options: [ECS, ECS] })],
      }),
    );
    expect(built).toMatchObject({ optOffset: 33, optIsOurs: false });
  });

  it('moves OPT to the end and keeps names behind it right', () => {
    const target = (before: number) => 33 + before;
    const middle = opt({ options: PER_HOP });
    const query = (first: Buffer[], last: Buffer[]) => {
      const at = target(first.reduce((sum, each) => sum + each.length, 0));
      return message({
        questions: [question()],
        additionals: [...first, record({ owner: 'late.test' }), record({ owner: pointer(at) }), ...last],
      });
    };
    const built = outgoing(query([middle], []));
    expect(built.message).toEqual(query([], [opt({ udpSize: 65535 })]));
    expect(built.optOffset).toBe(built.message.length - 11);
  });

  it.each([
    ['TSIG', record({ owner: 'key', type: 250, recordClass: 255, ttl: 0 })],
    ['TKEY', record({ owner: 'key', type: 249, recordClass: 255, ttl: 0 })],
  ])('changes nothing of a query signed by %s', (_title, last) => {
    const query = message({ questions: [question()], additionals: [opt({ options: PER_HOP }), last] });
    const built = outgoing(query);
    expect(built.message).toEqual(query);
    expect(built).toMatchObject({ optOffset: -1, optIsOurs: false });
    expect(framedLength(built, 128)).toBe(2 + query.length);
  });

  it('leaves OPT in its place when an owner leads to its root label, without the options of one hop', () => {
    const query = (udpSize: number, options: Buffer[]) => {
      const between = opt({ udpSize, options });
      const behind = record({ owner: 'late.example.net' });
      const toBehind = record({ owner: pointer(33 + between.length) });
      return message({
        questions: [question()],
        additionals: [between, behind, record({ owner: pointer(33) }), toBehind],
      });
    };
    const built = outgoing(query(512, [ECS, ...PER_HOP]));
    expect(built.message).toEqual(query(65535, [ECS]));
    expect(built).toMatchObject({ optOffset: -1, optIsOurs: false });
  });

  it('adds no OPT to an UPDATE', () => {
    const query = message({
      flags: 0x2800,
      questions: [question('example.com', 6)],
      authorities: [record({ ttl: 0, recordClass: 255 })],
    });
    expect(outgoing(query)).toMatchObject({ message: query, optOffset: -1, opcode: 5 });
  });

  it('forwards octets behind the last record, without what the client says about its own hop', () => {
    const trailing = Buffer.from('junk');
    const plain = message({ questions: [question()], trailing });
    expect(outgoing(plain)).toMatchObject({ message: plain, optOffset: -1 });
    const built = outgoing(
      message({ questions: [question()], additionals: [opt({ options: PER_HOP })], trailing }),
    );
    expect(built.message).toEqual(
      message({ questions: [question()], additionals: [opt({ udpSize: 65535 })], trailing }),
    );
    expect(built.optOffset).toBe(-1);
  });

  it('adds no OPT beyond 65 535 octets', () => {
    const rdata = Buffer.alloc(65_530 - 33 - 12);
    const query = message({ questions: [question()], answers: [record({ rdata })] });
    expect(outgoing(query)).toMatchObject({ message: query, optOffset: -1 });
  });

  it('takes a header alone', () => {
    expect(outgoing(message({})).message).toEqual(message({ additionals: [opt({ udpSize: 65535 })] }));
  });

  it('can take its own OPT off again', () => {
    const query = message({ questions: [question()], additionals: [record()] });
    expect(withoutOwnOpt(outgoing(query))).toMatchObject({ message: query, optOffset: -1, optIsOurs: false });
    const built = outgoing(message({ questions: [question()], additionals: [opt()] }));
    expect(withoutOwnOpt(built)).toBe(built);
  });

  it('never harms a query, whatever it holds', () => {
    fc.assert(
      fc.property(anyMessage, (query) => {
        const before = Buffer.from(query);
        const built = outgoing(query);
        expect(query).toEqual(before);
        const layout = walk(built.message);
        expect(layout.fault).toBeNull();
        expect(built.message.subarray(12, built.questionEnd)).toEqual(query.subarray(12, built.questionEnd));
        forEachOption(built.message, layout, (code) => expect([10, 11, 12]).not.toContain(code));
        if (built.optOffset !== -1)
          expect(layout).toMatchObject({ optOffset: built.optOffset, optEnd: built.message.length });
      }),
      { numRuns: 500 },
    );
  });
});

describe('writeFramed', () => {
  it('writes prefix, ID and padding at an offset', () => {
    const built = outgoing(message({ questions: [question()] }));
    const target = Buffer.alloc(200, 0xee);
    expect(writeFramed(built, target, 5, 0xbeef, 128)).toBe(5 + framedLength(built, 128));
    const padded = message({
      id: 0xbeef,
      questions: [question()],
      additionals: [opt({ udpSize: 65535, options: [option(12, Buffer.alloc(128 - 44 - 4))] })],
    });
    expect(target.subarray(5, 135)).toEqual(Buffer.concat([uint16(128), padded]));
    expect(target.subarray(0, 5)).toEqual(Buffer.alloc(5, 0xee));
    expect(target.subarray(135)).toEqual(Buffer.alloc(65, 0xee));
  });

  it('pads every length of name to a whole block, with one option', () => {
    for (let octets = 1; octets <= 249; octets++) {
      const labels = 'a'.repeat(octets).replace(/.{60}(?=.)/g, '$&.');
      const query = message({
        questions: [question(name(labels))],
        additionals: octets % 2 === 0 ? [opt({ options: PER_HOP })] : [],
      });
      const built = outgoing(query);
      const target = Buffer.alloc(framedLength(built, 128));
      expect(writeFramed(built, target, 0, 1, 128)).toBe(target.length);
      expect((target.length - 2) % 128).toBe(0);
      const sent = target.subarray(2);
      const codes: number[] = [];
      forEachOption(sent, walk(sent), (code) => codes.push(code));
      expect(codes).toEqual([12]);
    }
  });

  it('does not pad when told so, nor beyond 65 535 octets', () => {
    const built = outgoing(message({ questions: [question()] }));
    expect(framedLength(built, 0)).toBe(2 + built.message.length);
    const full = opt({ options: [option(65001, Buffer.alloc(65_535 - 33 - 11 - 4))] });
    const query = message({ questions: [question()], additionals: [full] });
    expect(query.length).toBe(65_535);
    const largest = outgoing(query);
    expect(framedLength(largest, 128)).toBe(65_537);
    const target = Buffer.alloc(65_537);
    writeFramed(largest, target, 0, 0x1234, 128);
    const wanted = outgoing(query).message;
    setMessageId(wanted, 0x1234);
    expect(target.subarray(2).equals(wanted)).toBe(true);
  });
});

describe('withoutOption', () => {
  const ECS = 8;

  it('takes every option of that code out and leaves the others in order', () => {
    const options = [option(65_001, Buffer.from([1])), option(ECS, Buffer.alloc(7)), option(3), option(ECS)];
    const built = outgoing(message({ questions: [question()], additionals: [opt({ options })] }));
    const before = Buffer.from(built.message);
    const stripped = withoutOption(built, ECS);
    expect(built.message).toEqual(before);
    const codes: number[] = [];
    const layout = walk(stripped.message);
    forEachOption(stripped.message, layout, (code) => codes.push(code));
    expect(codes).toEqual([65_001, 3]);
    expect(layout).toMatchObject({
      fault: null,
      optOffset: stripped.optOffset,
      optEnd: stripped.message.length,
    });
  });

  it('gives back the very same query when there is nothing to take out, or nothing may change', () => {
    const without = outgoing(
      message({ questions: [question()], additionals: [opt({ options: [option(3)] })] }),
    );
    expect(withoutOption(without, ECS)).toBe(without);
    const fixed = { ...without, optOffset: -1 };
    expect(withoutOption(fixed, 3)).toBe(fixed);
  });

  it('never harms a query, whatever it holds', () => {
    fc.assert(
      fc.property(anyMessage, fc.constantFrom(3, ECS, 65_001), (query, code) => {
        const stripped = withoutOption(outgoing(query), code);
        const layout = walk(stripped.message);
        expect(layout.fault).toBeNull();
        if (stripped.optOffset === -1) return;
        forEachOption(stripped.message, layout, (found) => expect(found).not.toBe(code));
      }),
    );
  });
});
