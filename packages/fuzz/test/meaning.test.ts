import { encodeName, opt, query } from '@tridot/testbed';
import { describe, expect, it } from 'vitest';
import { meaningOf, meansTheSame } from '../src/meaning.ts';

const HEAD = query({ id: 0, name: 'example.com' });
const OPT = opt({ options: [{ code: 12, data: Buffer.alloc(20) }] });
const NAMED = record(encodeName('behind.example.com'), 1, Buffer.alloc(4));

function record(owner: Buffer, type: number, rdata: Buffer): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt16BE(rdata.length, 8);
  return Buffer.concat([owner, fixed, rdata]);
}

function pointer(target: number): Buffer {
  const octets = Buffer.alloc(2);
  octets.writeUInt16BE(0xc000 | target);
  return octets;
}

function message(records: readonly Buffer[]): Buffer {
  const whole = Buffer.concat([HEAD, ...records]);
  whole.writeUInt16BE(records.length, 10);
  return whole;
}

/** OPT, a name, and a record whose owner and RDATA point at that name. */
function pointing(before: readonly Buffer[], target: number, type: number): Buffer {
  return message([...before, NAMED, record(pointer(target), type, pointer(target))]);
}

const WITH = HEAD.length + OPT.length;
const WITHOUT = HEAD.length;

describe.each([
  ['NS', 2],
  ['CNAME', 5],
])('a message with OPT before names, %s', (_title, type) => {
  const source = meaningOf(pointing([OPT], WITH, type));

  it('says the same without OPT when the pointers have followed', () => {
    expect(meansTheSame(source, meaningOf(pointing([], WITHOUT, type)))).toBe(true);
  });

  it('says something else when they have not, or not far enough', () => {
    expect(meansTheSame(source, meaningOf(pointing([], WITH, type)))).toBe(false);
    expect(meansTheSame(source, meaningOf(pointing([], WITHOUT + 7, type)))).toBe(false);
  });

  it('says something else when a record is gone or a flag is set', () => {
    expect(meansTheSame(source, meaningOf(message([NAMED])))).toBe(false);
    const flagged = pointing([], WITHOUT, type);
    flagged[3] = 0x10;
    expect(meansTheSame(source, meaningOf(flagged))).toBe(false);
  });
});

describe('what nobody can say', () => {
  it('is left open in the source and nowhere else', () => {
    const loop = (target: number) => meaningOf(message([record(pointer(12), 2, pointer(target))]));
    const sound = loop(12);
    expect(meansTheSame(loop(0x3fff), sound)).toBe(true);
    expect(meansTheSame(sound, loop(0x3fff))).toBe(false);
  });

  it('is not so for RDATA of an unknown type, which is octets', () => {
    const opaque = (target: number) => meaningOf(message([record(pointer(12), 65_280, pointer(target))]));
    expect(meansTheSame(opaque(0x3fff), opaque(0x3ffe))).toBe(false);
  });
});
