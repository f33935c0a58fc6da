/**
 * Makes messages wrong, one step at a time. Every step takes any octets, gives new ones and never throws.
 *
 *   octets   bits, integers, cutting, inserting, splicing: knows nothing of DNS
 *   header   counts, flags, opcode
 *   names    the question's name and compression pointers
 *   records  RDLENGTH, types, order, what stands where
 *   edns     OPT and its options
 */
import type { Dice } from '../dice.ts';
import { EDNS_STEPS } from './edns.ts';
import { HEADER_STEPS } from './header.ts';
import { NAME_STEPS } from './names.ts';
import { OCTET_STEPS } from './octets.ts';
import { RECORD_STEPS } from './records.ts';

/** One way to make a message wrong. `other` gives another message to take pieces from. */
export type Step = (message: Buffer, dice: Dice, other: () => Buffer) => Buffer;

const GROUPS: readonly (readonly Step[])[] = [
  OCTET_STEPS,
  HEADER_STEPS,
  NAME_STEPS,
  RECORD_STEPS,
  RECORD_STEPS,
  EDNS_STEPS,
];

const MAX_STEPS = 4;
const MAX_MESSAGE_BYTES = 65_535;

/** Applies one to four steps; most often one, since two faults hide each other. */
export function mutate(message: Buffer, dice: Dice, other: () => Buffer): Buffer {
  let mutated = message;
  let left = dice.chance(0.6) ? 1 : dice.between(2, MAX_STEPS);
  while (left > 0) {
    mutated = dice.pick(dice.pick(GROUPS))(mutated, dice, other).subarray(0, MAX_MESSAGE_BYTES);
    left -= 1;
  }
  return mutated;
}
