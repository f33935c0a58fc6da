/** Takes octets out of the middle of a message so that compression pointers still lead where they led. */
import { readUint16, writeUint16 } from './integers.ts';
import { type Layout, RECORD_FIXED_BYTES, recordEnd } from './layout.ts';
import { POINTER_MARK } from './name.ts';
import { namesInRdata } from './rdata-names.ts';

/**
 * Removes [from, to) from a message, in place. The range must be all of the OPT record or its last octets, so that only
 * records behind OPT can hold pointers that have to change: in their owners, and in the RDATA of the types whose names
 * may be compressed. RDATA of any other type is left as it is.
 *
 * @param layout of the message before the change, without a fault.
 * @returns the new length of the message; -1 when an owner leads into the octets that go away. The message is then
 *   damaged and must not be used.
 *
 * RFC 1035 §4.1.4, RFC 3597 §4
 */
export function removeOctets(message: Buffer, layout: Layout, from: number, to: number): number {
  // Where the root label of OPT stays, a pointer to it stays good; one to anything else in OPT does not.
  const gone: Gone = { from, to, firstLost: from === layout.optOffset ? from : layout.optOffset + 1 };
  let offset = to;
  while (offset < layout.end) {
    const fixed = repairName(message, offset, layout.end, gone);
    if (fixed < 0) return -1;
    const next = recordEnd(message, fixed);
    repairRdata(message, fixed, next, gone);
    offset = next;
  }
  message.copyWithin(from, to);
  return message.length - (to - from);
}

/** Octets [from, to) go away; names may not lead into [firstLost, to). */
interface Gone {
  readonly from: number;
  readonly to: number;
  readonly firstLost: number;
}

/** RDATA that makes no sense, such as a name that leads into OPT, is its reader's to judge and left as it is. */
function repairRdata(message: Buffer, fixed: number, next: number, gone: Gone): void {
  const found = namesInRdata(message, readUint16(message, fixed), fixed + RECORD_FIXED_BYTES, next);
  if (found === null) return;
  let offset = found.offset;
  for (let i = 0; i < found.count && offset >= 0; i++) offset = repairName(message, offset, next, gone);
}

/** @returns the offset behind the name in place, or -1 when it has no end or leads into octets that go away. */
function repairName(message: Buffer, offset: number, limit: number, gone: Gone): number {
  let at = offset;
  while (at < limit) {
    const octet = message[at] ?? 0;
    if (octet === 0) return at + 1;
    if (octet >= POINTER_MARK) {
      if (at + 2 > limit) return -1;
      const target = readUint16(message, at) & 0x3fff;
      if (target >= gone.firstLost && target < gone.to) return -1;
      if (target >= gone.to) writeUint16(message, at, (POINTER_MARK << 8) | (target - (gone.to - gone.from)));
      return at + 2;
    }
    at += octet + 1;
  }
  return -1;
}
