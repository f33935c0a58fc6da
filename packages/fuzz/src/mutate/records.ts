import { encodeName, recordsOf, TYPE, uint16 } from '@tridot/testbed';
import type { Dice } from '../dice.ts';
import { type Parts, putTogether, type Section, takeApart } from '../parts.ts';
import type { Step } from './index.ts';
import { oddName, pointer } from './names.ts';

/** NS, CNAME, SOA, PTR, MX, TXT, AAAA, SRV, NAPTR, SIG, DNAME, OPT, RRSIG, TKEY, TSIG, ANY, unknown. */
const TYPES = [1, 2, 5, 6, 12, 15, 16, 28, 33, 35, 24, 39, TYPE.OPT, 46, 249, TYPE.TSIG, 255, TYPE.UNKNOWN];
/** IN, CH, NONE, ANY, unknown. */
const CLASSES = [1, 3, 254, 255, 65_280];
const TTLS = [0, 1, 300, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const SECTIONS: readonly Section[] = [0, 1, 2];

export const RECORD_STEPS: readonly Step[] = [
  function breakLength(message, dice) {
    const records = recordsOf(message);
    if (records.length === 0) return message;
    const { rdataStart } = dice.pick(records);
    const copy = Buffer.from(message);
    const was = copy.readUInt16BE(rdataStart - 2);
    const rest = copy.length - rdataStart;
    const length = dice.pick([was - 1, was + 1, 0, rest, rest + 1, 0xffff, dice.uint16()]);
    copy.writeUInt16BE(length & 0xffff, rdataStart - 2);
    return copy;
  },

  function retype(message, dice) {
    const records = recordsOf(message);
    if (records.length === 0) return message;
    const copy = Buffer.from(message);
    copy.writeUInt16BE(dice.pick(TYPES), dice.pick(records).rdataStart - 10);
    return copy;
  },

  apart(function insertRecord({ head, records, tail }, dice) {
    const added = { octets: anyRecord(head, dice), section: dice.pick(SECTIONS) };
    return { head, records: records.toSpliced(dice.below(records.length + 1), 0, added), tail };
  }),

  apart(function insertSeveral({ head, records, tail }, dice) {
    const added = Array.from({ length: dice.between(2, 6) }, () => ({
      octets: anyRecord(head, dice),
      section: dice.pick(SECTIONS),
    }));
    return { head, records: [...records, ...added], tail };
  }),

  apart(function removeRecord({ head, records, tail }, dice) {
    return { head, records: records.toSpliced(dice.below(records.length), 1), tail };
  }),

  apart(function duplicateRecord({ head, records, tail }, dice) {
    if (records.length === 0) return { head, records, tail };
    return { head, records: [...records, dice.pick(records)], tail };
  }),

  apart(function shuffleRecords({ head, records, tail }, dice) {
    const shuffled = records.map((record) => ({ record, place: dice.uint16() }));
    shuffled.sort((one, other) => one.place - other.place);
    return { head, records: shuffled.map(({ record }) => record), tail };
  }),

  apart(function changeSection({ head, records, tail }, dice) {
    const moved = dice.below(records.length);
    const section = dice.pick(SECTIONS);
    return {
      head,
      records: records.map((record, index) => (index === moved ? { ...record, section } : record)),
      tail,
    };
  }),
];

/** A record whose owner and RDATA may point anywhere, also at what is about to be moved or removed. */
function anyRecord(head: Buffer, dice: Dice): Buffer {
  const type = dice.pick(TYPES);
  const fixed = Buffer.alloc(8);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(dice.chance(0.8) ? 1 : dice.pick(CLASSES), 2);
  fixed.writeUInt32BE(dice.pick(TTLS), 4);
  const rdata = rdataOf(head, dice);
  return Buffer.concat([nameFor(head, dice), fixed, uint16(rdata.length), rdata]);
}

function rdataOf(head: Buffer, dice: Dice): Buffer {
  return dice.pick([
    () => dice.octets(dice.below(24)),
    () => Buffer.from('c0000201', 'hex'),
    () => nameFor(head, dice),
    () => Buffer.concat([uint16(dice.below(16)), nameFor(head, dice)]),
    () => Buffer.concat([nameFor(head, dice), nameFor(head, dice), Buffer.alloc(20)]),
    () => Buffer.concat([Buffer.alloc(18), nameFor(head, dice), dice.octets(16)]),
    () => Buffer.alloc(dice.pick([0, 1, 255, 600, 2_000]), 0xc0),
  ])();
}

function nameFor(head: Buffer, dice: Dice): Buffer {
  if (dice.chance(0.3)) return oddName(head, dice);
  // Pointers into the records are what makes moving and removing hard.
  return dice.chance(0.5) ? pointer(12 + dice.below(head.length + 120)) : encodeName('behind.example.com');
}

/** A step for messages that can be taken apart; others stay as they are. */
function apart(change: (parts: Parts, dice: Dice) => Parts): Step {
  return (message, dice) => {
    const parts = takeApart(message);
    return parts === null ? message : putTogether(change(parts, dice));
  };
}
