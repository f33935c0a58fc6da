import { walk } from '@tridot/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { message, name, opt, option, question, record } from '../../wire/test/build-message.ts';
import { HalfSipHash } from '../src/half-sip-hash.ts';
import { QueryKey } from '../src/query-key.ts';

const sipHash = new HalfSipHash();

function keyOf(query: Buffer): string | null {
  const key = new QueryKey(sipHash);
  if (!key.read(query, walk(query))) return null;
  return `${key.hash} ${key.toOctets().toString('hex')}`;
}

const query = (
  flags: number,
  options: Parameters<typeof opt>[0] | null,
  qname = 'www.example.com',
  qtype = 1,
): Buffer =>
  message({
    flags,
    questions: [question(qname, qtype)],
    additionals: options === null ? [] : [opt(options)],
  });

describe('the key of a query', () => {
  const plain = keyOf(query(0x0100, null));

  it.each<[string, Buffer]>([
    ['another ID', message({ id: 7, questions: [question()] })],
    ['other letters', query(0x0100, null, 'wWw.EXAMPLE.com')],
    ['an OPT without DO', query(0x0100, { udpSize: 4096 })],
    [
      'options of its hop',
      query(0x0100, { options: [option(10, Buffer.alloc(8)), option(11), option(12, Buffer.alloc(5))] }),
    ],
  ])('is the same with %s', (_, other) => {
    expect(keyOf(other)).toBe(plain);
  });

  it('differs by name, type, class, RD, CD, DO and whether AD is understood', () => {
    const keys = [
      plain,
      keyOf(query(0x0100, null, 'ww.example.com')),
      keyOf(query(0x0100, null, 'www.example.com', 28)),
      keyOf(message({ questions: [question('www.example.com', 1, 3)] })),
      keyOf(query(0x0000, null)),
      keyOf(query(0x0110, null)),
      keyOf(query(0x0120, null)),
      keyOf(query(0x0100, { flags: 0x8000 })),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('is the same for DO with and without AD', () => {
    expect(keyOf(query(0x0120, { flags: 0x8000 }))).toBe(keyOf(query(0x0100, { flags: 0x8000 })));
  });

  it('does not take type and class for letters', () => {
    expect(keyOf(query(0x0100, null, 'a', 0x4141))).not.toBe(keyOf(query(0x0100, null, 'a', 0x6161)));
  });

  it.each<[string, Buffer]>([
    ['opcode NOTIFY', query(0x2000, null)],
    ['AA', query(0x0500, null)],
    ['TC', query(0x0300, null)],
    ['Z', query(0x0140, null)],
    ['an rcode', query(0x0101, null)],
    ['no question', message({})],
    ['two questions', message({ questions: [question(), question()] })],
    ['an answer', message({ questions: [question()], answers: [record()] })],
    ['an authority', message({ questions: [question()], authorities: [record()] })],
    ['an additional record', message({ questions: [question()], additionals: [record()] })],
    ['TSIG', message({ questions: [question()], additionals: [record({ owner: 'k', type: 250 })] })],
    ['type TKEY', message({ questions: [question('k', 249)] })],
    ['octets behind it', message({ questions: [question()], trailing: Buffer.from('x') })],
    ['a client subnet', query(0x0100, { options: [option(8, Buffer.alloc(4))] })],
    ['NSID', query(0x0100, { options: [option(3)] })],
    ['an unknown flag of EDNS', query(0x0100, { flags: 0x0001 })],
    ['another version of EDNS', query(0x0100, { version: 1 })],
  ])('is not there with %s', (_, other) => {
    expect(keyOf(other)).toBeNull();
  });

  const label = fc
    .uint8Array({ minLength: 1, maxLength: 20 })
    .map((octets) => Buffer.from([octets.length, ...octets]));
  const qname = fc
    .array(label, { maxLength: 6 })
    .map((labels) => Buffer.concat([...labels, Buffer.from([0])]));
  const parts = fc.record({
    qname,
    qtype: fc.integer({ min: 0, max: 3 }),
    flags: fc.constantFrom(0, 0x100, 0x110, 0x20),
  });
  const lower = (octets: Buffer): string =>
    octets.toString('latin1').replace(/[A-Z]/g, (letter) => letter.toLowerCase());

  it('is equal exactly when what it is made of is equal', () => {
    fc.assert(
      fc.property(parts, parts, fc.boolean(), (a, b, sameName) => {
        const second = sameName ? { ...b, qname: Buffer.from(lower(a.qname), 'latin1') } : b;
        const [one, two] = [a, second].map((each) =>
          keyOf(message({ flags: each.flags, questions: [question(each.qname, each.qtype)] })),
        );
        const isEqual =
          lower(a.qname) === lower(second.qname) && a.qtype === second.qtype && a.flags === second.flags;
        expect(one === two).toBe(isEqual);
      }),
    );
  });

  it('is the same when it is taken again with its hash', () => {
    for (const qtype of [1, 28, 15]) {
      const octets = query(0x0110, null, 'www.example.com', qtype);
      const [key, again] = [new QueryKey(sipHash), new QueryKey(sipHash)];
      key.read(octets, walk(octets));
      again.restore(octets, walk(octets).qnameEnd, key.flags, key.hash);
      for (let i = 0; i < 2; i++) {
        expect([again.hash, again.toOctets()]).toEqual([key.hash, key.toOctets()]);
        key.widen();
        again.widen();
      }
    }
  });

  it('turns to all parents of the name and to the key of all types, and back', () => {
    const key = new QueryKey(sipHash);
    const other = new QueryKey(sipHash);
    const read = (qname: string): void => {
      const octets = message({ questions: [question(qname)] });
      expect(other.read(octets, walk(octets))).toBe(true);
    };
    const octets = message({ questions: [question('a.bc.DEF.example')] });
    key.read(octets, walk(octets));
    for (const parent of ['bc.def.example', 'def.example', 'example', '.']) {
      expect(key.toParent()).toBe(true);
      read(parent);
      expect([key.hash, key.toOctets()]).toEqual([other.hash, other.toOctets()]);
      key.widen();
      expect(key.hash).not.toBe(other.hash);
      other.widen();
      expect(key.hash).toBe(other.hash);
      key.narrow();
      expect(key.name).toEqual(new Uint8Array(name(parent)));
    }
    expect(key.toParent()).toBe(false);
  });
});
