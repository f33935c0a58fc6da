import {
  type EdnsFields,
  type EdnsOption,
  encodeName,
  findOpt,
  HEADER_BYTES,
  OPTION,
  opt,
  TYPE,
  uint16,
} from '@tridot/testbed';
import type { Dice } from '../dice.ts';
import { putTogether, takeApart } from '../parts.ts';
import type { Step } from './index.ts';
import { pointer } from './names.ts';

/** Around 512, around what the forwarder itself allows, and both ends. */
const UDP_SIZES = [0, 1, 511, 512, 513, 600, 1231, 1232, 1233, 4096, 65_507, 65_535];
const VERSIONS = [0, 0, 0, 0, 1, 2, 255];
const CODES = [...Object.values(OPTION), 0, 1, 2, 4, 5, 6, 7, 9, 13, 14, 16, 100, 65_001, 65_535];
const OPT_LENGTH_OFFSET = 9;

export const EDNS_STEPS: readonly Step[] = [
  function addOpt(message, dice) {
    return append(message, opt(anyEdns(dice)));
  },

  function replaceOpt(message, dice) {
    const found = findOpt(message);
    if (found === undefined) return append(message, opt(anyEdns(dice)));
    return Buffer.concat([message.subarray(0, found.start), opt(anyEdns(dice)), message.subarray(found.end)]);
  },

  function moveOptForward(message, dice) {
    const parts = takeApart(message);
    if (parts === null || parts.records.length === 0) return message;
    const at = dice.below(parts.records.length);
    const moved = { octets: opt(anyEdns(dice)), section: 2 } as const;
    return putTogether({ ...parts, records: parts.records.toSpliced(at, 0, moved) });
  },

  /** What stands behind OPT points at what stands behind OPT: taking OPT out moves both. */
  function pointBehindOpt(message, dice) {
    const parts = takeApart(message);
    if (parts === null || findOpt(message) !== undefined) return message;
    const start = message.length - parts.tail.length;
    const before = dice.chance(0.5) ? opt(anyEdns(dice)) : opt({ options: anyOptions(dice) });
    const target = pointer(start + before.length + dice.pick([0, 0, 7, 15]));
    const named = record(encodeName('behind.example.com'), TYPE.A, Buffer.from('c0000201', 'hex'));
    const pointing = Array.from({ length: dice.between(1, 4) }, () => {
      const { type, rdata } = dice.pick(POINTING)(target);
      return record(dice.chance(0.5) ? target : pointer(HEADER_BYTES), type, rdata);
    });
    const added = [before, named, ...pointing].map((octets) => ({ octets, section: 2 }) as const);
    return putTogether({ ...parts, records: [...parts.records, ...added] });
  },

  function nameOpt(message, dice) {
    const record = opt(anyEdns(dice)).subarray(1);
    return append(message, Buffer.concat([encodeName(dice.pick(['a', 'example.com'])), record]));
  },

  function lieInOption(message, dice) {
    const record = opt(anyEdns(dice));
    const length = record.readUInt16BE(OPT_LENGTH_OFFSET);
    record.writeUInt16BE(Math.max(0, length + dice.between(-3, 3)), OPT_LENGTH_OFFSET);
    return append(message, record);
  },

  function cutOption(message, dice) {
    const record = opt({ options: anyOptions(dice) });
    const cut = record.subarray(0, Math.max(OPT_LENGTH_OFFSET + 2, record.length - dice.between(1, 5)));
    cut.writeUInt16BE(cut.length - OPT_LENGTH_OFFSET - 2, OPT_LENGTH_OFFSET);
    return append(message, cut);
  },
];

/** Records whose RDATA holds names that may be compressed (RFC 1035 §3.3, RFC 3597 §4), and one whose RDATA may not. */
const POINTING: readonly ((target: Buffer) => { type: number; rdata: Buffer })[] = [
  (target) => ({ type: 2, rdata: target }),
  (target) => ({ type: 5, rdata: Buffer.concat([Buffer.from([1, 0x61]), target]) }),
  (target) => ({ type: 6, rdata: Buffer.concat([target, target, Buffer.alloc(20)]) }),
  (target) => ({ type: 12, rdata: target }),
  (target) => ({ type: 15, rdata: Buffer.concat([Buffer.alloc(2), target]) }),
  (target) => ({ type: 33, rdata: Buffer.concat([Buffer.alloc(6), target]) }),
  (target) => ({ type: 35, rdata: Buffer.concat([Buffer.from('000000000155016100', 'hex'), target]) }),
  (target) => ({ type: TYPE.UNKNOWN, rdata: target }),
];

function record(owner: Buffer, type: number, rdata: Buffer): Buffer {
  return Buffer.concat([owner, uint16(type), uint16(1), Buffer.alloc(4), uint16(rdata.length), rdata]);
}

/** An OPT's fields, borders more often than not. */
export function anyEdns(dice: Dice): EdnsFields & { readonly extendedRcode?: number } {
  return {
    udpSize: dice.pick(UDP_SIZES),
    version: dice.pick(VERSIONS),
    dnssecOk: dice.chance(0.4),
    z: dice.chance(0.1) ? dice.below(0x8000) : 0,
    extendedRcode: dice.chance(0.1) ? dice.below(256) : 0,
    options: dice.chance(0.5) ? anyOptions(dice) : [],
  };
}

function anyOptions(dice: Dice): EdnsOption[] {
  return Array.from({ length: dice.between(1, 4) }, () => ({
    code: dice.pick(CODES),
    data: Buffer.alloc(dice.chance(0.05) ? 500 : dice.below(26), dice.below(256)),
  }));
}

/** Puts a record at the end and counts it. */
function append(message: Buffer, record: Buffer): Buffer {
  const longer = Buffer.concat([message, record]);
  if (message.length >= 12) longer.writeUInt16BE((longer.readUInt16BE(10) + 1) & 0xffff, 10);
  return longer;
}
