/** Fields of a line, found by their octets. */

const TAB = 0x09;
const CR = 0x0d;
const SPACE = 0x20;
const HASH = 0x23;

export function isBlank(octet: number | undefined): boolean {
  return octet === SPACE || octet === TAB || octet === CR;
}

/** Offset of the first octet from `from` on that is not blank; `to` when there is none. */
export function skipBlanks(octets: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && isBlank(octets[at])) at++;
  return at;
}

/** Offset of the first blank from `from` on; `to` when there is none. */
export function fieldEnd(octets: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && !isBlank(octets[at])) at++;
  return at;
}

/**
 * End of what is not comment and not blank. Only a number sign at the start or behind a blank begins a comment: in
 * "example.com##.banner" it belongs to a rule for browsers, and what stands before it must not be taken for a name.
 */
export function contentEnd(octets: Uint8Array, from: number, to: number): number {
  let end = from;
  for (let at = from; at < to; at++) {
    const octet = octets[at];
    if (isBlank(octet)) continue;
    if (octet === HASH && (at === from || isBlank(octets[at - 1]))) break;
    end = at + 1;
  }
  return end;
}

/** The octets of a field, which must be ASCII to mean anything, as text. */
export function fieldText(octets: Uint8Array, from: number, to: number): string {
  return Buffer.from(octets.buffer, octets.byteOffset + from, to - from).toString('latin1');
}
