import { HEADER_BYTES } from '@tridot/testbed';
import type { Dice } from '../dice.ts';
import type { Step } from './index.ts';

const COUNT_OFFSETS = [4, 6, 8, 10];
const ODD_COUNTS = [0, 1, 2, 3, 255, 256, 0x7fff, 0xfffe, 0xffff];
const FLAG_BITS = [0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0040, 0x0020, 0x0010];
/** QUERY, IQUERY, STATUS, unassigned, NOTIFY, UPDATE, DSO, the last. */
const OPCODES = [0, 1, 2, 3, 4, 5, 6, 7, 15];

export const HEADER_STEPS: readonly Step[] = [
  whole(function setCount(header, dice) {
    const offset = dice.pick(COUNT_OFFSETS);
    const was = header.readUInt16BE(offset);
    const count = dice.chance(0.6) ? was + dice.pick([-1, 1]) : dice.pick(ODD_COUNTS);
    header.writeUInt16BE(count & 0xffff, offset);
  }),

  whole(function moveCount(header, dice) {
    const from = dice.pick(COUNT_OFFSETS);
    const to = dice.pick(COUNT_OFFSETS);
    if (header.readUInt16BE(from) === 0) return;
    header.writeUInt16BE(header.readUInt16BE(from) - 1, from);
    header.writeUInt16BE((header.readUInt16BE(to) + 1) & 0xffff, to);
  }),

  whole(function flipFlags(header, dice) {
    const flips = dice.some(FLAG_BITS, 0.3).reduce((bits, bit) => bits | bit, 0);
    header.writeUInt16BE(header.readUInt16BE(2) ^ flips, 2);
  }),

  whole(function setOpcode(header, dice) {
    header[2] = ((header[2] ?? 0) & 0x87) | (dice.pick(OPCODES) << 3);
  }),

  whole(function setRcode(header, dice) {
    header[3] = ((header[3] ?? 0) & 0xf0) | dice.below(16);
  }),
];

/** A step for messages that have a header; others stay as they are. */
function whole(change: (message: Buffer, dice: Dice) => void): Step {
  return (message, dice) => {
    if (message.length < HEADER_BYTES) return message;
    const copy = Buffer.from(message);
    change(copy, dice);
    return copy;
  };
}
