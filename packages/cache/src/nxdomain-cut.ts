/** Answers for a name below one that does not exist (RFC 8020 §2). */
import type { Layout } from '@tridot/wire';
import { readUint16, writeUint16 } from './octets.ts';

const HEADER_BYTES = 12;
const POINTER_MARK = 0xc0;
const RECORD_FIXED_BYTES = 10;
const RDLENGTH_OFFSET = 8;
const SOA = 6;
const SOA_NAMES = 2;

/**
 * Puts a longer question in front of the records of a reply that says that a parent does not exist. The records move by
 * the same distance as the end of the question, which the names they point into shares with its parent, so every pointer
 * moves by that distance too. Of the types in such an answer only SOA holds names that may be compressed.
 *
 * @param reply for the parent, with `layout`.
 * @param query for the name below, whose question section is [12, questionEnd).
 *
 * RFC 1035 §4.1.4, RFC 3597 §4
 */
export function moveBelow(reply: Buffer, layout: Layout, query: Buffer, questionEnd: number): Buffer {
  const distance = questionEnd - layout.questionEnd;
  const moved = Buffer.allocUnsafe(reply.length + distance);
  reply.copy(moved, 0, 0, HEADER_BYTES);
  query.copy(moved, HEADER_BYTES, HEADER_BYTES, questionEnd);
  reply.copy(moved, questionEnd, layout.questionEnd);
  const end = layout.end + distance;
  let offset = questionEnd;
  while (offset < end) {
    const fixed = movePointer(moved, offset, distance);
    const rdata = fixed + RECORD_FIXED_BYTES;
    const next = rdata + readUint16(moved, fixed + RDLENGTH_OFFSET);
    if (readUint16(moved, fixed) === SOA) {
      let name = rdata;
      for (let i = 0; i < SOA_NAMES && name < next; i++) name = movePointer(moved, name, distance);
    }
    offset = next;
  }
  return moved;
}

/** @returns the offset behind the name. */
function movePointer(message: Buffer, offset: number, distance: number): number {
  let at = offset;
  while (at < message.length) {
    const octet = message[at] ?? 0;
    if (octet === 0) return at + 1;
    if (octet >= POINTER_MARK) {
      const target = (readUint16(message, at) & 0x3fff) + distance;
      writeUint16(message, at, (POINTER_MARK << 8) | (target & 0x3fff));
      return at + 2;
    }
    at += octet + 1;
  }
  return message.length;
}
