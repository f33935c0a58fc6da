import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { walk } from '../src/index.ts';
import {
  header,
  label,
  message,
  name,
  opt,
  option,
  pointer,
  question,
  record,
  uint16,
} from './build-message.ts';

const LABEL_63 = 'a'.repeat(63);

describe('walk', () => {
  it('finds question, records and OPT', () => {
    const octets = message({
      questions: [question()],
      answers: [record()],
      additionals: [record(), opt({ options: [option(10, Buffer.alloc(8))] }), record()],
      trailing: Buffer.from('junk'),
    });
    const questionEnd = 12 + 17 + 4;
    expect(walk(octets)).toEqual({
      fault: null,
      qnameEnd: 29,
      questionEnd,
      end: octets.length - 4,
      optOffset: questionEnd + 32,
      optEnd: questionEnd + 32 + 11 + 12,
      signed: false,
    });
  });

  it('takes a header with OPT and without a question', () => {
    expect(walk(message({ additionals: [opt()] }))).toMatchObject({
      fault: null,
      qnameEnd: 12,
      questionEnd: 12,
      optOffset: 12,
    });
  });

  it('takes any octet in a label', () => {
    const label = Buffer.from([6, 0, 0x2e, 0x5c, 0x80, 0xff, 0x0a, 0]);
    expect(walk(message({ questions: [question(label)] })).fault).toBeNull();
  });

  it('takes records in the answer section of a query and unknown types with any RDATA', () => {
    const unknown = record({ type: 65280, rdata: Buffer.from('c00cc00cffff', 'hex') });
    expect(
      walk(message({ questions: [question()], answers: [unknown], authorities: [unknown] })).fault,
    ).toBeNull();
  });

  it.each([
    ['root', name('.'), null],
    ['a label of 63 octets', name(LABEL_63), null],
    ['127 labels, 255 octets', name('a.'.repeat(127)), null],
    ['255 octets in long labels', name(`${LABEL_63}.${LABEL_63}.${LABEL_63}.${'a'.repeat(61)}`), null],
    ['256 octets', name(`${LABEL_63}.${LABEL_63}.${LABEL_63}.${'a'.repeat(62)}`), 'name'],
    ['128 labels', name('a.'.repeat(128)), 'name'],
    ['a label type of 01', Buffer.from([0x41, 0, 0]), 'name'],
    ['a label type of 10', Buffer.from([0x81, 0, 0]), 'name'],
    ['a pointer to itself', pointer(12), 'name'],
    ['a pointer into the header', pointer(4), 'name'],
    ['a pointer past the end', pointer(0x3fff), 'name'],
    ['labels and a pointer back to them', pointer(12, 'a'), 'name'],
    ['a label and a pointer into it', Buffer.from([2, 0x61, 0, 0xc0, 14]), 'name'],
  ])('judges a question of %s', (_title, qname, fault) => {
    expect(walk(message({ questions: [question(qname)] })).fault).toBe(fault);
  });

  it('refuses the eighteen octets that hang a careless parser', () => {
    expect(walk(Buffer.from('123401000001000000000000c00c00010001', 'hex')).fault).toBe('name');
  });

  it('refuses a forward pointer in an owner and two that point at each other', () => {
    const at = 12 + 21;
    const forward = record({ owner: pointer(at + 16) });
    expect(walk(message({ questions: [question()], answers: [forward, record()] })).fault).toBe('name');
    const loop = record({ owner: pointer(at + 16), type: 65280 });
    const back = record({ owner: pointer(at), type: 65280 });
    expect(walk(message({ questions: [question()], answers: [loop, back] })).fault).toBe('name');
  });

  it.each([
    [127, null],
    [128, 'name'],
  ])('judges a name of %i pointers', (count, fault) => {
    // A root label at 23, then pointers from 25 on, each to the one before it.
    const pointers = Array.from({ length: count - 1 }, (_, i) => uint16(0xc000 | (23 + 2 * i)));
    const chain = record({
      owner: '.',
      type: 65280,
      rdata: Buffer.concat([Buffer.from([0, 0]), ...pointers]),
    });
    const last = record({ owner: pointer(25 + 2 * (count - 2)) });
    expect(walk(message({ answers: [chain, last] })).fault).toBe(fault);
  });

  it.each([
    ['its root label', 0, null],
    ['its TYPE', 1, 'name'],
    ['the data of its last option', 11 + 4 + 1, 'name'],
    ['the record behind it', 11 + 6, null],
  ])('judges an owner that leads into OPT, to %s', (_title, offset, fault) => {
    const middle = opt({ options: [option(65001, Buffer.alloc(2))] });
    const leading = record({ owner: pointer(33 + offset, 'a') });
    const additionals = [middle, record({ owner: '.' }), leading];
    expect(walk(message({ questions: [question()], additionals })).fault).toBe(fault);
  });

  it('counts the octets of a name through its pointers', () => {
    const long = name(`${LABEL_63}.${LABEL_63}.${LABEL_63}`);
    const fits = record({ owner: pointer(12, 'a'.repeat(61)) });
    const tooLong = record({ owner: pointer(12, 'a'.repeat(62)) });
    expect(walk(message({ questions: [question(long)], answers: [fits] })).fault).toBeNull();
    expect(walk(message({ questions: [question(long)], answers: [tooLong] })).fault).toBe('name');
  });

  it.each([
    ['a header cut off', Buffer.alloc(11), 'header'],
    ['no octets', Buffer.alloc(0), 'header'],
    ['a question that is not there', header(1, 0, [1, 0, 0, 0]), 'question'],
    ['a question without its class', message({ questions: [question().subarray(0, -1)] }), 'question'],
    ['65 535 questions counted', Buffer.concat([header(1, 0, [65535, 0, 0, 0]), question()]), 'question'],
    ['a record that is not there', Buffer.concat([header(1, 0, [1, 0, 0, 1]), question()]), 'record'],
    [
      'RDATA past the end',
      message({ questions: [question()], answers: [record().subarray(0, -1)] }),
      'record',
    ],
    [
      'a record cut off in its fixed part',
      message({ answers: [record({ owner: '.' }).subarray(0, 10)] }),
      'record',
    ],
    ['two OPTs', message({ additionals: [opt(), opt()] }), 'second-opt'],
    [
      'an OPT that the root does not own',
      message({ additionals: [record({ owner: 'a', type: 41 })] }),
      'opt-owner',
    ],
    [
      'an option past RDLENGTH',
      message({ additionals: [opt({ options: [Buffer.from('000a0005000000', 'hex')] })] }),
      'option',
    ],
    [
      'half an option header',
      message({ additionals: [opt({ options: [Buffer.from('000a00', 'hex')] })] }),
      'option',
    ],
    [
      'OPT past the end',
      message({ additionals: [opt({ options: [option(10, Buffer.alloc(8))] }).subarray(0, -1)] }),
      'record',
    ],
  ])('refuses %s', (_title, octets, fault) => {
    expect(walk(octets).fault).toBe(fault);
  });

  it('knows the OPT of a faulty message', () => {
    const octets = message({
      questions: [question()],
      additionals: [opt({ options: [Buffer.from('ffff', 'hex')] })],
    });
    expect(walk(octets)).toMatchObject({ fault: 'option', optOffset: 33, questionEnd: 33 });
  });

  it('does not read the options of another EDNS version', () => {
    expect(
      walk(message({ additionals: [opt({ version: 1, options: [Buffer.from([1])] })] })).fault,
    ).toBeNull();
  });

  it.each([
    ['TSIG', record({ owner: 'key', type: 250, recordClass: 255 }), true],
    ['TKEY', record({ owner: 'key', type: 249 }), true],
    ['SIG(0)', record({ owner: '.', type: 24, rdata: Buffer.alloc(20) }), true],
    ['SIG over a type', record({ owner: '.', type: 24, rdata: Buffer.alloc(20, 1) }), false],
    ['no signature', record({ owner: '.' }), false],
  ])('sees whether the message is signed: %s', (_title, last, signed) => {
    expect(walk(message({ questions: [question()], additionals: [opt(), last] })).signed).toBe(signed);
  });

  it('takes a query for TKEY as signed', () => {
    expect(walk(message({ questions: [question('example.com', 249)] })).signed).toBe(true);
  });

  it('never throws, and stays within the octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (octets, plausible) => {
        const bytes = Buffer.from(octets);
        if (plausible && bytes.length >= 12) header(1, 0, [1, 1, 0, 2]).copy(bytes);
        const layout = walk(bytes);
        if (layout.fault !== null) return;
        expect(layout.end).toBeLessThanOrEqual(bytes.length);
        expect(layout.questionEnd).toBeLessThanOrEqual(layout.end);
        expect(layout.optEnd).toBeLessThanOrEqual(layout.end);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('walk of the worst messages', () => {
  const LIMIT_MS = 50;

  it.each([
    ['a chain of 16 000 pointers', pointerChain()],
    ['long names behind every question', longNames()],
    ['10 000 empty options', message({ additionals: [opt({ options: Array(10_000).fill(option(65001)) })] })],
  ])('takes linear time: %s', (_title, octets) => {
    expect(octets.length).toBeLessThanOrEqual(65_535);
    walk(octets);
    const started = performance.now();
    walk(octets);
    expect(performance.now() - started).toBeLessThan(LIMIT_MS);
  });

  function pointerChain(): Buffer {
    const pointers = Array.from({ length: 8_000 }, (_, i) => uint16(0xc000 | (23 + 2 * i)));
    const chain = record({
      owner: '.',
      type: 65280,
      rdata: Buffer.concat([Buffer.from([0, 0]), ...pointers]),
    });
    return message({ questions: [], answers: [chain, record({ owner: pointer(25 + 2 * 7_999) })] });
  }

  /** Two names of 127 labels in turn, so that no two neighbours are the same pointer. */
  function longNames(): Buffer {
    const first = question(name('a.'.repeat(126)));
    const second = question(Buffer.concat([label('b'), name('a.'.repeat(126))]));
    const count = Math.floor((65_535 - 12 - first.length - second.length) / 6);
    const rest = Array.from({ length: count }, (_, i) =>
      question(pointer(i % 2 === 0 ? 12 : 12 + first.length)),
    );
    return message({ flags: 0x2800, questions: [first, second, ...rest] });
  }
});
