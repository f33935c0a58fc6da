import type { Step } from './index.ts';

/** Octets at which something changes: label types, pointers, signs. */
const BORDER_OCTETS = [0, 1, 0x0c, 0x29, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xff];
const BORDER_INTEGERS = [0, 1, 2, 11, 12, 0x29, 0xfa, 0xff, 0x100, 0x7fff, 0x8000, 0xc000, 0xc00c, 0xffff];
const LONG_TAIL_BYTES = 600;

export const OCTET_STEPS: readonly Step[] = [
  function flipBits(message, dice) {
    const copy = Buffer.from(message);
    for (let left = dice.between(1, 3); left > 0; left -= 1) {
      const at = dice.below(copy.length);
      copy[at] = (copy[at] ?? 0) ^ (1 << dice.below(8));
    }
    return copy;
  },

  function setOctet(message, dice) {
    const copy = Buffer.from(message);
    copy[dice.below(copy.length)] = dice.chance(0.7) ? dice.pick(BORDER_OCTETS) : dice.below(256);
    return copy;
  },

  function setInteger(message, dice) {
    if (message.length < 2) return message;
    const copy = Buffer.from(message);
    const near = dice.chance(0.3) ? message.length + dice.between(-3, 3) : dice.pick(BORDER_INTEGERS);
    copy.writeUInt16BE(near & 0xffff, dice.below(copy.length - 1));
    return copy;
  },

  function cutOff(message, dice) {
    const left = dice.chance(0.5) ? message.length - dice.between(1, 12) : dice.below(message.length);
    return message.subarray(0, Math.max(0, left));
  },

  function append(message, dice) {
    const count = dice.chance(0.2) ? dice.between(1, LONG_TAIL_BYTES) : dice.between(1, 16);
    return Buffer.concat([message, dice.chance(0.5) ? Buffer.alloc(count) : dice.octets(count)]);
  },

  function insert(message, dice) {
    const at = dice.below(message.length + 1);
    const inserted = dice.octets(dice.between(1, 8));
    return Buffer.concat([message.subarray(0, at), inserted, message.subarray(at)]);
  },

  function remove(message, dice) {
    const from = dice.below(message.length);
    return Buffer.concat([message.subarray(0, from), message.subarray(from + dice.between(1, 8))]);
  },

  function repeat(message, dice) {
    const from = dice.below(message.length);
    const piece = message.subarray(from, from + dice.between(1, 40));
    return Buffer.concat([message.subarray(0, from), piece, message.subarray(from)]);
  },

  function splice(message, dice, other) {
    const tail = other();
    return Buffer.concat([
      message.subarray(0, dice.below(message.length + 1)),
      tail.subarray(dice.below(tail.length + 1)),
    ]);
  },
];
