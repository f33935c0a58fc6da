/** Which queries may share their answers, and what else than the question has to be alike. */
import { FLAG, flagsOf, type Layout, OPTION } from '@tridot/wire';
import { readUint16 } from './octets.ts';

/** Bits that a key has beside name, type and class. */
export const KEY_FLAG = {
  RD: 0x01,
  CD: 0x02,
  DO: 0x04,
  /** The client understands AD: it set AD or DO (RFC 6840 §5.8). */
  AD_WANTED: 0x08,
  /** The key of "this name does not exist", which holds for all its types (RFC 2308 §5). Its QTYPE is 0. */
  ANY_TYPE: 0x10,
} as const;

export const NO_KEY = -1;

const LISTED_FLAGS = FLAG.RD | FLAG.AD | FLAG.CD;
const DO_FLAG = 0x8000;
/** Owner, TYPE, CLASS, TTL and RDLENGTH of an OPT record. */
const OPT_HEADER_BYTES = 11;
const OPT_FLAGS_OFFSET = 7;
const OPT_VERSION_OFFSET = 6;

/**
 * @param layout of the query, without a fault.
 * @returns the {@link KEY_FLAG} bits of its key; {@link NO_KEY} when it can share its answer with no other: an opcode other
 *   than QUERY, unusual flags, records, signatures, octets behind the last record, or an end-to-end EDNS option.
 */
export function keyFlagsOf(query: Buffer, layout: Layout): number {
  const header = flagsOf(query);
  const { optOffset } = layout;
  if ((header & ~LISTED_FLAGS) !== 0 || layout.signed || layout.end !== query.length) return NO_KEY;
  if (readUint16(query, 4) !== 1 || readUint16(query, 6) !== 0 || readUint16(query, 8) !== 0) return NO_KEY;
  if (readUint16(query, 10) !== (optOffset === -1 ? 0 : 1)) return NO_KEY;
  let flags = (header & FLAG.RD) !== 0 ? KEY_FLAG.RD : 0;
  if ((header & FLAG.CD) !== 0) flags |= KEY_FLAG.CD;
  if ((header & FLAG.AD) !== 0) flags |= KEY_FLAG.AD_WANTED;
  if (optOffset === -1) return flags;
  if (!isPlainOpt(query, optOffset, layout.optEnd)) return NO_KEY;
  const dnssecOk = readUint16(query, optOffset + OPT_FLAGS_OFFSET) !== 0;
  return dnssecOk ? flags | KEY_FLAG.DO | KEY_FLAG.AD_WANTED : flags;
}

/**
 * Whether OPT says nothing that could make the answer another client's own: no flag but DO, and no option but those that
 * are removed anyway because they concern one hop (RFC 7873, RFC 7828, RFC 7830).
 */
function isPlainOpt(query: Buffer, optOffset: number, optEnd: number): boolean {
  if (query[optOffset + OPT_VERSION_OFFSET] !== 0) return false;
  if ((readUint16(query, optOffset + OPT_FLAGS_OFFSET) & ~DO_FLAG) !== 0) return false;
  let option = optOffset + OPT_HEADER_BYTES;
  while (option < optEnd) {
    const code = readUint16(query, option);
    if (code < OPTION.COOKIE || code > OPTION.PADDING) return false;
    option += 4 + readUint16(query, option + 2);
  }
  return true;
}
