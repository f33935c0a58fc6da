import fc from 'fast-check';
import Packet from 'native-dns-multisocket/lib/packet.js';
import { describe, expect, it } from 'vitest';
import { queryFor, SELF_POINTING } from '../../../test/listener/clients.ts';
import { isSafeToParse } from '../src/fences/safe-to-parse.ts';

const OPT = Buffer.from('0000291000000000000000', 'hex');

function withOpt(query: Buffer, opt: Buffer): Buffer {
  const message = Buffer.concat([query, opt]);
  message[11] = 1;
  return message;
}

describe('isSafeToParse', () => {
  it('lets ordinary queries pass', () => {
    expect(isSafeToParse(queryFor('www'))).toBe(true);
    expect(isSafeToParse(withOpt(queryFor('www'), OPT))).toBe(true);
    const cookie = Buffer.from('00002910000000000000' + '0c' + '000a0008' + '0102030405060708', 'hex');
    expect(isSafeToParse(withOpt(queryFor('www'), cookie))).toBe(true);
    expect(isSafeToParse(Buffer.from('1234010000010000000000000000020001', 'hex'))).toBe(true);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a header without a question', Buffer.alloc(12)],
    ['a name that points at itself', SELF_POINTING],
    ['a cut name', queryFor('www').subarray(0, 20)],
    ['a cut question', queryFor('www').subarray(0, -1)],
    ['an OPT that is not there', withOpt(queryFor('www'), Buffer.alloc(0))],
    ['an OPT with a name', withOpt(queryFor('www'), Buffer.concat([Buffer.from('0161', 'hex'), OPT]))],
    ['a record that is no OPT', withOpt(queryFor('www'), Buffer.from('0000010001000000000000', 'hex'))],
    [
      'an option longer than its OPT',
      withOpt(queryFor('www'), Buffer.from('000029100000000000000400010009', 'hex')),
    ],
    ['more than 512 octets', Buffer.concat([queryFor('www'), Buffer.alloc(500)])],
  ])('keeps back %s', (_what, message) => {
    expect(isSafeToParse(message)).toBe(false);
  });

  it('lets nothing pass that the library cannot parse', () => {
    const mutated = fc
      .tuple(
        fc.constantFrom(queryFor('www'), withOpt(queryFor('www'), OPT), SELF_POINTING),
        fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
        fc.nat(8),
      )
      .map(([message, edits, cut]) => {
        const copy = Buffer.from(message.subarray(0, message.length - cut));
        for (const [offset, octet] of edits) if (offset < copy.length) copy[offset] = octet;
        return copy;
      });
    const anything = fc.uint8Array({ maxLength: 600 }).map((octets) => Buffer.from(octets));
    let passed = 0;
    fc.assert(
      fc.property(fc.oneof({ weight: 4, arbitrary: mutated }, anything), (message) => {
        if (!isSafeToParse(message)) return;
        passed += 1;
        expect(Packet.parse(message).question).toHaveLength(1);
      }),
      { numRuns: 5_000 },
    );
    expect(passed).toBeGreaterThan(100);
  });
});
