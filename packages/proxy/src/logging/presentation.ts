/** DNS as people read it: names in the presentation form of RFC 1035 §5.1, numbers as mnemonics (RFC 3597 §5). */
import { toString as rcodeName } from 'dns-packet/rcodes.js';
import { toString as typeName } from 'dns-packet/types.js';

const BACKSLASH = 0x5c;
/** Characters that mean something in a zone file: `"`, `$`, `(`, `)`, `.`, `;`, `@`, `\`. */
const SPECIAL: ReadonlySet<number> = new Set([0x22, 0x24, 0x28, 0x29, 0x2e, 0x3b, 0x40, BACKSLASH]);

/** One label: letters, digits and other visible ASCII as they are, special ones behind `\`, all else as `\DDD`. */
export function presentLabel(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) {
    if (octet <= 0x20 || octet >= 0x7f) text += `\\${String(octet).padStart(3, '0')}`;
    else text += SPECIAL.has(octet) ? `\\${String.fromCharCode(octet)}` : String.fromCharCode(octet);
  }
  return text;
}

const CLASSES: Readonly<Record<number, string>> = { 1: 'IN', 3: 'CH', 4: 'HS', 254: 'NONE', 255: 'ANY' };

/** `IN`, `CH`, …, or `CLASS65280`. */
export function presentClass(qclass: number): string {
  return CLASSES[qclass] ?? `CLASS${qclass}`;
}

/** Types that dns-packet does not know by name. */
const OTHER_TYPES: Readonly<Record<number, string>> = {
  53: 'SMIMEA',
  61: 'OPENPGPKEY',
  62: 'CSYNC',
  63: 'ZONEMD',
  64: 'SVCB',
  65: 'HTTPS',
  256: 'URI',
};

/** `A`, `HTTPS`, …, or `TYPE65280`. */
export function presentType(qtype: number): string {
  const other = OTHER_TYPES[qtype];
  if (other !== undefined) return other;
  const name = typeName(qtype);
  return name.startsWith('UNKNOWN') ? `TYPE${qtype}` : name;
}

/** Rcodes that dns-packet does not know by name (RFC 8490 §10.2, RFC 6891 §9, RFC 8945 §3, RFC 2930 §2.6, RFC 7873 §8). */
const OTHER_RCODES: Readonly<Record<number, string>> = {
  11: 'DSOTYPENI',
  16: 'BADVERS',
  17: 'BADKEY',
  18: 'BADTIME',
  19: 'BADMODE',
  20: 'BADNAME',
  21: 'BADALG',
  22: 'BADTRUNC',
  23: 'BADCOOKIE',
};

/** `NOERROR`, `SERVFAIL`, …, or `RCODE12`. */
export function presentRcode(rcode: number): string {
  const other = OTHER_RCODES[rcode];
  if (other !== undefined) return other;
  const name = rcodeName(rcode);
  return name.startsWith('RCODE') ? `RCODE${rcode}` : name;
}
