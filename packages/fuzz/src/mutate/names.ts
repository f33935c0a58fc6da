import { encodeName, HEADER_BYTES, recordsOf, skipName } from '@tridot/testbed';
import type { Dice } from '../dice.ts';
import type { Step } from './index.ts';

const MAX_LABEL_BYTES = 63;

export const NAME_STEPS: readonly Step[] = [
  function replaceQname(message, dice) {
    const end = skipName(message, HEADER_BYTES);
    if (end < 0) return message;
    return Buffer.concat([message.subarray(0, HEADER_BYTES), oddName(message, dice), message.subarray(end)]);
  },

  function replaceOwner(message, dice) {
    const records = recordsOf(message);
    if (records.length === 0) return message;
    const { start, rdataStart } = dice.pick(records);
    const fixed = rdataStart - 10;
    return Buffer.concat([message.subarray(0, start), oddName(message, dice), message.subarray(fixed)]);
  },

  function writePointer(message, dice) {
    if (message.length < HEADER_BYTES + 2) return message;
    const copy = Buffer.from(message);
    const records = recordsOf(message);
    const anywhere = records.length === 0 || dice.chance(0.4);
    const at = anywhere ? HEADER_BYTES + dice.below(copy.length - 13) : dice.pick(records).start;
    copy.writeUInt16BE(pointerFrom(at, copy.length, dice), Math.min(at, copy.length - 2));
    return copy;
  },

  function turnLetters(message, dice) {
    const copy = Buffer.from(message);
    const end = Math.max(HEADER_BYTES, skipName(message, HEADER_BYTES));
    for (let at: number = HEADER_BYTES; at < end; at += 1) {
      const octet = copy[at] ?? 0;
      if (((octet & 0xdf) >= 0x41 && (octet & 0xdf) <= 0x5a) === dice.chance(0.5)) copy[at] = octet ^ 0x20;
    }
    return copy;
  },
];

/** A name that tries a limit, or something else where a name should be. */
export function oddName(message: Buffer, dice: Dice): Buffer {
  const root = Buffer.from([0]);
  const length = dice.between(1, 130);
  return dice.pick([
    () => root,
    () => encodeName('example.com'),
    () => Buffer.concat([label(dice, dice.between(1, MAX_LABEL_BYTES)), root]),
    () => Buffer.concat([label(dice, dice.between(1, 8)), pointer(dice.between(HEADER_BYTES, 60))]),
    () => pointer(dice.below(message.length + 20)),
    () => pointer(HEADER_BYTES),
    // 126, 127 and 128 labels of one octet; 254, 255 and 256 octets.
    () => Buffer.concat([...Array.from({ length: dice.between(126, 128) }, () => label(dice, 1)), root]),
    () => Buffer.concat([...[63, 63, 63, dice.between(60, 62)].map((bytes) => label(dice, bytes)), root]),
    () => Buffer.concat(Array.from({ length }, (_, index) => pointer(HEADER_BYTES + 2 * (index + 1)))),
    // Reserved label types.
    () => Buffer.concat([Buffer.from([dice.pick([0x40, 0x41, 0x7f, 0x80, 0xbf])]), dice.octets(3), root]),
    () => Buffer.from([dice.between(1, MAX_LABEL_BYTES)]),
    () => Buffer.alloc(0),
  ])();
}

export function pointer(target: number): Buffer {
  const octets = Buffer.alloc(2);
  octets.writeUInt16BE(0xc000 | (target & 0x3fff));
  return octets;
}

/** To itself, near before and behind, to the question, into the header, past the end. */
function pointerFrom(at: number, length: number, dice: Dice): number {
  const target = dice.pick([
    at,
    at - 1,
    at + 1,
    at - 2,
    at + 2,
    HEADER_BYTES,
    0,
    11,
    length,
    dice.below(length),
  ]);
  return 0xc000 | (target & 0x3fff);
}

function label(dice: Dice, octets: number): Buffer {
  const content = dice.chance(0.7) ? Buffer.alloc(octets, 'a') : dice.octets(octets);
  return Buffer.concat([Buffer.from([octets]), content]);
}
