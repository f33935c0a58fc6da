/** The OPT record's own fields and its options (RFC 6891 §6.1). Offsets come from a {@link Layout} that has an OPT. */
import { OPTION, TYPE } from './codes.ts';
import { rcodeOf } from './header.ts';
import { readUint16, writeUint16 } from './integers.ts';
import { BARE_OPT_BYTES, type Layout, OPTION_HEADER_BYTES, optionEnd } from './layout.ts';

const CLASS_OFFSET = 3;
const EXTENDED_RCODE_OFFSET = 5;
const VERSION_OFFSET = 6;
const FLAGS_OFFSET = 7;
export const OPT_RDLENGTH_OFFSET = 9;

const DO_FLAG = 0x8000;

/** UDP payload size that the sender of this OPT can take, in octets, as written (it may be below 512). */
export function ednsUdpSize(message: Buffer, layout: Layout): number {
  return readUint16(message, layout.optOffset + CLASS_OFFSET);
}

export function ednsVersion(message: Buffer, layout: Layout): number {
  return message[layout.optOffset + VERSION_OFFSET] ?? 0;
}

/** Whether the sender wants DNSSEC records (RFC 3225 §3). */
export function ednsDo(message: Buffer, layout: Layout): boolean {
  return (readUint16(message, layout.optOffset + FLAGS_OFFSET) & DO_FLAG) !== 0;
}

/** The rcode with the eight upper bits that OPT adds, if there is an OPT. */
export function extendedRcodeOf(message: Buffer, layout: Layout): number {
  if (layout.optOffset === -1) return rcodeOf(message);
  return ((message[layout.optOffset + EXTENDED_RCODE_OFFSET] ?? 0) << 4) | rcodeOf(message);
}

export function setEdnsUdpSize(message: Buffer, optOffset: number, udpSize: number): void {
  writeUint16(message, optOffset + CLASS_OFFSET, udpSize);
}

/**
 * Writes an OPT record of version 0 without options.
 *
 * @param extendedRcode the upper eight bits of the rcode.
 * @returns the offset behind it.
 */
export function writeOpt(
  target: Buffer,
  offset: number,
  udpSize: number,
  extendedRcode: number,
  dnssecOk: boolean,
): number {
  target[offset] = 0;
  writeUint16(target, offset + 1, TYPE.OPT);
  writeUint16(target, offset + CLASS_OFFSET, udpSize);
  target[offset + EXTENDED_RCODE_OFFSET] = extendedRcode;
  target[offset + VERSION_OFFSET] = 0;
  writeUint16(target, offset + FLAGS_OFFSET, dnssecOk ? DO_FLAG : 0);
  writeUint16(target, offset + OPT_RDLENGTH_OFFSET, 0);
  return offset + BARE_OPT_BYTES;
}

/**
 * Copies an OPT record without the options that concern one hop only: cookie (RFC 7873), keepalive (RFC 7828) and
 * padding (RFC 7830). All others stay as they are and in order. Source and target may overlap if the target is not
 * behind the source.
 *
 * @param from start of the OPT in `source`; `to` its end.
 * @param offset where the copy begins in `target`.
 * @returns the offset behind the copy.
 */
export function copyOptEndToEnd(
  source: Buffer,
  from: number,
  to: number,
  target: Buffer,
  offset: number,
): number {
  let end = offset;
  let keptFrom = from;
  let option = from + BARE_OPT_BYTES;
  while (option < to) {
    const next = optionEnd(source, option, to);
    // Only an OPT of another version can be so: its options are unreadable, and padding might be among them.
    if (next < 0) break;
    if (isPerHop(readUint16(source, option))) {
      end += source.copy(target, end, keptFrom, option);
      keptFrom = next;
    }
    option = next;
  }
  end += source.copy(target, end, keptFrom, option);
  writeUint16(target, offset + OPT_RDLENGTH_OFFSET, end - offset - BARE_OPT_BYTES);
  return end;
}

/**
 * Calls `visit` for every option of the message's OPT, in order.
 *
 * @param visit gets the code and the range of the option's data.
 */
export function forEachOption(
  message: Buffer,
  layout: Layout,
  visit: (code: number, dataStart: number, dataEnd: number) => void,
): void {
  if (layout.optOffset === -1) return;
  let option = layout.optOffset + BARE_OPT_BYTES;
  while (option < layout.optEnd) {
    const next = optionEnd(message, option, Math.min(layout.optEnd, message.length));
    if (next < 0) return;
    visit(readUint16(message, option), option + OPTION_HEADER_BYTES, next);
    option = next;
  }
}

function isPerHop(code: number): boolean {
  return code >= OPTION.COOKIE && code <= OPTION.PADDING;
}
