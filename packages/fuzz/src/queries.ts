import { CLASS, encodeName, type HeaderFlag, hostileMessages, query, TYPE } from '@tridot/testbed';
import type { Dice } from './dice.ts';
import { anyEdns } from './mutate/edns.ts';

const FLAGS: readonly HeaderFlag[] = ['aa', 'tc', 'rd', 'ra', 'z', 'ad', 'cd'];
const TYPES = [...Object.values(TYPE), 0, 12, 24, 33, 249, 65_535];
const OPCODES = [1, 2, 3, 4, 5, 6, 7, 15];

/** Names of the example zone whose answers differ in kind and length. */
const NAMES: readonly ((dice: Dice) => string | Buffer)[] = [
  () => 'example.com',
  () => 'www.example.com',
  () => 'wWw.ExAmPlE.cOm',
  () => '.',
  (dice) => `token-${dice.below(1_000)}.example.com`,
  (dice) => `records-${dice.below(80)}.example.com`,
  (dice) => `size-${dice.between(40, 2_000)}.example.com`,
  // On both sides of 512 and of what one datagram may hold.
  (dice) => `size-${dice.pick([512, 1_232]) + dice.between(-13, 13)}.example.com`,
  (dice) => `rcode-${dice.below(24)}.example.com`,
  () => 'nothing.example.com',
  () => 'nxdomain.example.com',
  () => 'anything.wild.example.com',
  () => 'signed.example.com',
  () => 'loop.example.com',
  () => 'elsewhere.example.net',
  () => 'version.bind',
  (dice) => labelled(dice.octets(dice.between(1, 63))),
  (dice) => encodeName(`${'a.'.repeat(dice.between(1, 110))}example.com`),
];

/** A query that any server would take, of any shape. */
export function soundQuery(dice: Dice): Buffer {
  return query({
    id: dice.uint16(),
    name: dice.pick(NAMES)(dice),
    type: dice.chance(0.6) ? dice.pick([TYPE.A, TYPE.TXT, TYPE.AAAA]) : dice.pick(TYPES),
    class: dice.chance(0.9) ? CLASS.IN : dice.pick(Object.values(CLASS)),
    opcode: dice.chance(0.9) ? 0 : dice.pick(OPCODES),
    flags: dice.chance(0.7) ? ['rd'] : dice.some(FLAGS),
    ...(dice.chance(0.6) ? { edns: anyEdns(dice) } : {}),
  });
}

const HOSTILE = hostileMessages().map(({ bytes }) => bytes);
/** Long messages are tried seldom: each costs as much as a hundred others. */
const LONG_BYTES = 2_000;
const SHORT_HOSTILE = HOSTILE.filter(({ length }) => length <= LONG_BYTES);

/** One of the messages that were thought up to do harm. */
export function hostileQuery(dice: Dice): Buffer {
  return dice.pick(dice.chance(0.01) ? HOSTILE : SHORT_HOSTILE);
}

function labelled(label: Buffer): Buffer {
  return Buffer.concat([Buffer.from([label.length]), label, encodeName('example.com')]);
}
