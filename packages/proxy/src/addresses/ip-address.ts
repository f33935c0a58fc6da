/** Reads the text of addresses as numbers, without allocating: this runs once for every query. */

const DOT = 0x2e;
const COLON = 0x3a;
const PERCENT = 0x25;
const NOT_A_DIGIT = -1;

/** The 32 bits of an IPv4 address in dotted decimal from `start` on; -1 when it is none. */
export function ipv4Bits(text: string, start = 0): number {
  let bits = 0;
  let octet = -1;
  let dots = 0;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (octet < 0 || ++dots > 3) return -1;
      bits = bits * 256 + octet;
      octet = -1;
    } else {
      const digit = code - 0x30;
      if (digit < 0 || digit > 9) return -1;
      octet = (octet < 0 ? 0 : octet * 10) + digit;
      if (octet > 255) return -1;
    }
  }
  return dots === 3 && octet >= 0 ? bits * 256 + octet : -1;
}

const GROUPS = 8;
const groups = new Uint16Array(GROUPS);

/**
 * Reads an IPv6 address in any of its forms (RFC 4291 §2.2), without its zone.
 *
 * @param words receives its 128 bits, 32 in each of four.
 * @returns whether it is one.
 */
export function readIpv6(text: string, words: Uint32Array): boolean {
  let count = 0;
  let gap = -1;
  let group = 0;
  let digits = 0;
  let groupStart = 0;
  let i = 0;
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === COLON) {
      const doubled = text.charCodeAt(i + 1) === COLON;
      if (digits === 0 && !(doubled && i === 0)) return false;
      if (digits > 0) {
        if (count === GROUPS) return false;
        groups[count++] = group;
      }
      if (doubled) {
        if (gap >= 0) return false;
        gap = count;
        i++;
      } else if (i + 1 === text.length || text.charCodeAt(i + 1) === PERCENT) {
        return false;
      }
      group = 0;
      digits = 0;
      groupStart = i + 1;
    } else if (code === DOT) {
      return readMapped(text, groupStart, count, gap, words);
    } else if (code === PERCENT) {
      break;
    } else {
      const digit = hexDigit(code);
      if (digit === NOT_A_DIGIT || ++digits > 4) return false;
      group = (group << 4) | digit;
    }
  }
  if (digits > 0) {
    if (count === GROUPS) return false;
    groups[count++] = group;
  }
  return spread(count, gap, words);
}

/** The last 32 bits are written as IPv4. */
function readMapped(text: string, start: number, before: number, gap: number, words: Uint32Array): boolean {
  const zone = text.indexOf('%', start);
  const bits = ipv4Bits(zone < 0 ? text : text.slice(0, zone), start);
  if (bits < 0 || before > GROUPS - 2) return false;
  groups[before] = bits >>> 16;
  groups[before + 1] = bits & 0xffff;
  return spread(before + 2, gap, words);
}

/** Puts zeros where `::` stood, and joins the groups. */
function spread(count: number, gap: number, words: Uint32Array): boolean {
  if (gap < 0 ? count !== GROUPS : count >= GROUPS) return false;
  if (gap >= 0) {
    // By hand: for eight numbers, calls of copyWithin and fill cost more than the work.
    const shift = GROUPS - count;
    for (let i = GROUPS - 1; i >= gap + shift; i--) groups[i] = groups[i - shift] ?? 0;
    for (let i = gap; i < gap + shift; i++) groups[i] = 0;
  }
  for (let word = 0; word < 4; word++) {
    words[word] = ((groups[2 * word] ?? 0) << 16) | (groups[2 * word + 1] ?? 0);
  }
  return true;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : NOT_A_DIGIT;
}

/** ::ffff:0:0/96, an IPv4 address in the form of IPv6 (RFC 4291 §2.5.5.2). */
export function isMappedIpv4(words: Uint32Array): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
}
