/** Names made equal: uncompressed and in lower case (RFC 4034 §6.2, RFC 4343 §3). */

const HEADER_BYTES = 12;
/** RFC 1035 §2.3.4. */
const MAX_NAME_BYTES = 255;
const MAX_LABEL_BYTES = 63;
/** Pointers followed in one name, as many as a name has labels at most: keeps the reading of a message linear. */
const MAX_POINTERS = 127;
const POINTER_MARK = 0xc0;

/** A letter of a name without its case. A length octet is at most 63 and so never taken for a letter. */
export function lowerCase(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
}

/** Octets written one after another, in memory that is used again. */
export interface Scratch {
  readonly octets: Buffer;
  end: number;
}

/**
 * Appends the name at `offset`, uncompressed and in lower case. Takes at most 255 octets and 127 pointers, each of which
 * must lead backwards.
 *
 * @returns where the name ends in place, or -1 when it is broken.
 */
export function appendName(message: Buffer, offset: number, limit: number, scratch: Scratch): number {
  const from = scratch.end;
  let at = offset;
  let bound = limit;
  let pieceStart = offset;
  let pointers = 0;
  let end = -1;
  while (at < bound) {
    const length = message[at] ?? 0;
    if (length === 0) {
      scratch.octets[scratch.end++] = 0;
      return end === -1 ? at + 1 : end;
    }
    if (length <= MAX_LABEL_BYTES) {
      const next = at + 1 + length;
      if (next > bound || scratch.end + length + 1 - from >= MAX_NAME_BYTES) return -1;
      for (; at < next; at++) scratch.octets[scratch.end++] = lowerCase(message[at] ?? 0);
    } else {
      if (length < POINTER_MARK || at + 1 >= bound) return -1;
      const target = ((length & 0x3f) << 8) | (message[at + 1] ?? 0);
      if (target < HEADER_BYTES || target >= pieceStart || ++pointers > MAX_POINTERS) return -1;
      if (end === -1) end = at + 2;
      at = target;
      bound = pieceStart;
      pieceStart = target;
    }
  }
  return -1;
}
