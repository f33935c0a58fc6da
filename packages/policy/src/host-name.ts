/** Host names as they stand in list files: read as octets, written as the octets of a message. */
import { domainToASCII } from 'node:url';
import { lowerCase } from './scanned-name.ts';

const MAX_NAME_BYTES = 255;
const MAX_LABEL_BYTES = 63;
const DOT = 0x2e;

/**
 * Writes a host name as a name in lower case with its root label. Letters, digits, hyphen and underscore are taken, and
 * a dot at the end; a last label of digits alone is refused, since that is an address. Anything beyond ASCII goes through
 * IDNA (UTS 46), as in a browser.
 *
 * @param source octets of the text, [from, to) of them.
 * @param target needs room for 256 octets behind `offset`; what is there is only meaningful when a name was written.
 * @param minLabels names of fewer labels are refused.
 * @returns the end of the name in `target`, or -1 when it is none.
 *
 * RFC 1035 §2.3.1, RFC 952, RFC 1123 §2.1, RFC 5890 §2.3
 */
export function writeHostName(
  source: Uint8Array,
  from: number,
  to: number,
  target: Uint8Array,
  offset: number,
  minLabels: number,
): number {
  let labelStart = offset;
  let at = offset + 1;
  let labels = 0;
  let onlyDigits = true;
  const last = source[to - 1] === DOT ? to - 1 : to;
  if (last - from > MAX_NAME_BYTES - 2 || last <= from)
    return hasHighOctet(source, from, to) ? viaIdna(source, from, to, target, offset, minLabels) : -1;
  for (let i = from; i < last; i++) {
    const octet = source[i] ?? 0;
    if (octet === DOT) {
      const length = at - labelStart - 1;
      if (length === 0 || length > MAX_LABEL_BYTES) return -1;
      target[labelStart] = length;
      labelStart = at++;
      labels++;
      onlyDigits = true;
    } else {
      const kind = OCTET_KIND[octet] ?? REFUSED;
      if (kind === REFUSED) return -1;
      if (kind === HIGH) return viaIdna(source, from, to, target, offset, minLabels);
      if (kind !== DIGIT) onlyDigits = false;
      target[at++] = lowerCase(octet);
    }
  }
  const length = at - labelStart - 1;
  if (length === 0 || length > MAX_LABEL_BYTES || onlyDigits || labels + 1 < minLabels) return -1;
  target[labelStart] = length;
  target[at] = 0;
  return at + 1;
}

/** The same for text of which only the result is wanted. `null` when it is no host name. */
export function hostNameOctets(text: string): Buffer | null {
  const source = Buffer.from(text);
  const target = Buffer.allocUnsafe(MAX_NAME_BYTES + 2);
  const end = writeHostName(source, 0, source.length, target, 0, 1);
  return end < 0 ? null : Buffer.from(target.subarray(0, end));
}

const REFUSED = 0;
const LETTER = 1;
const DIGIT = 2;
const HIGH = 3;

/** What each octet may be in a host name. */
const OCTET_KIND = Uint8Array.from({ length: 256 }, (_, octet) => {
  if (octet >= 0x80) return HIGH;
  const text = String.fromCharCode(octet);
  if (/[0-9]/.test(text)) return DIGIT;
  return /[A-Za-z_-]/.test(text) ? LETTER : REFUSED;
});

/** Longest text that IDNA is tried on: a name of 253 characters has at most four octets for each. */
const MAX_IDNA_BYTES = 1_024;

function viaIdna(
  source: Uint8Array,
  from: number,
  to: number,
  target: Uint8Array,
  offset: number,
  minLabels: number,
): number {
  if (to - from > MAX_IDNA_BYTES) return -1;
  for (let i = from; i < to; i++) {
    // The URL rules behind domainToASCII would decode "%65" and cut at "/": such text is no name.
    const octet = source[i] ?? 0;
    if (octet !== DOT && OCTET_KIND[octet] === REFUSED) return -1;
  }
  const text = Buffer.from(source.buffer, source.byteOffset + from, to - from).toString('utf8');
  const ascii = Buffer.from(domainToASCII(text), 'latin1');
  if (hasHighOctet(ascii, 0, ascii.length)) return -1;
  return writeHostName(ascii, 0, ascii.length, target, offset, minLabels);
}

function hasHighOctet(source: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if ((source[i] ?? 0) >= 0x80) return true;
  return false;
}
