/** Domain names as they lie in a message (RFC 1035 §3.1, §4.1.4). */
import { HEADER_BYTES } from './header.ts';

/** Longest name, root label included (RFC 1035 §2.3.4). */
const MAX_NAME_BYTES = 255;
/**
 * Pointers followed in one name. A name has at most 127 labels, and a pointer that brings no label serves nobody; the
 * bound keeps the walk of a whole message linear.
 */
const MAX_POINTERS = 127;

/** A label's first octet from here on is a pointer; between 63 and this it is a reserved type (RFC 6891 §5). */
export const POINTER_MARK = 0xc0;
const MAX_LABEL_BYTES = 63;

/**
 * Finds where a name ends in place (behind its root label or its first pointer), following pointers only to check them:
 * each has to lead to before the piece of the name that it ends, so loops and forward pointers are refused, as are
 * reserved label types, names over 255 octets and names cut off.
 *
 * @returns the offset behind the name, or -1 when it is broken.
 */
export function skipName(message: Buffer, offset: number): number {
  const length = message.length;
  let at = offset;
  let pieceStart = offset;
  let nameBytes = 1;
  let pointers = 0;
  let end = -1;
  while (at < length) {
    const octet = message[at] ?? 0;
    if (octet === 0) return end === -1 ? at + 1 : end;
    if (octet <= MAX_LABEL_BYTES) {
      nameBytes += octet + 1;
      if (nameBytes > MAX_NAME_BYTES) return -1;
      at += octet + 1;
    } else {
      if (octet < POINTER_MARK || at + 1 >= length) return -1;
      const target = ((octet & 0x3f) << 8) | (message[at + 1] ?? 0);
      pointers++;
      if (target < HEADER_BYTES || target >= pieceStart || pointers > MAX_POINTERS) return -1;
      if (end === -1) end = at + 2;
      at = target;
      pieceStart = target;
    }
  }
  return -1;
}

/** Like {@link skipName} for a name that was found sound before: follows nothing, checks nothing. */
export function skipSoundName(message: Buffer, offset: number): number {
  let at = offset;
  for (;;) {
    const octet = message[at] ?? 0;
    if (octet === 0) return at + 1;
    if (octet >= POINTER_MARK) return at + 2;
    at += octet + 1;
  }
}

/** Whether the pointer that ends a sound name, if one does, leads to [from, to). */
export function leadsInto(message: Buffer, offset: number, from: number, to: number): boolean {
  let at = offset;
  for (;;) {
    const octet = message[at] ?? 0;
    if (octet === 0) return false;
    if (octet >= POINTER_MARK) {
      const target = ((octet & 0x3f) << 8) | (message[at + 1] ?? 0);
      return target >= from && target < to;
    }
    at += octet + 1;
  }
}

/** Whether two octet ranges of the same length hold the same name, letters compared without case (RFC 4343 §3). */
export function sameName(a: Buffer, b: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    if (x !== y && lowerCase(x) !== lowerCase(y)) return false;
  }
  return true;
}

/** A length octet is at most 63 and so never taken for a letter. */
function lowerCase(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
}
