import { isIPv4, isIPv6 } from 'node:net';
import { shown } from '../logging/one-line.ts';
import { ipv4Bits, isMappedIpv4, readIpv6 } from './ip-address.ts';

/** Addresses that share their leading bits. */
export interface AddressRange {
  readonly family: 4 | 6;
  /** The first address: one word of 32 bits, or four. All bits behind the prefix are 0. */
  readonly words: readonly number[];
  readonly prefixBits: number;
}

/** What a range may be, for error messages and `--help`. */
export const RANGE_FORMS = '192.0.2.0/24, 2001:db8::/32 or a single address';

const IPV4_BITS = 32;
const IPV6_BITS = 128;
const MAPPED_BITS = IPV6_BITS - IPV4_BITS;

/**
 * Reads `10.0.0.0/8`, `2001:db8::/32`, or one address. A range of IPv4 addresses written as IPv6 is one of IPv4.
 *
 * @throws {RangeError} with a message that says what was wrong and what it may be.
 */
export function parseRange(text: string): AddressRange {
  const [address = '', digits, ...rest] = text.split('/');
  const isV4 = isIPv4(address);
  if ((!isV4 && !isIPv6(address)) || address.includes('%') || rest.length > 0) {
    throw new RangeError(`${shown(text)} is not a range of addresses; it may be ${RANGE_FORMS}`);
  }
  const bits = isV4 ? IPV4_BITS : IPV6_BITS;
  const prefixBits = digits === undefined ? bits : Number(digits);
  if (digits !== undefined && (!/^\d{1,3}$/.test(digits) || prefixBits > bits)) {
    throw new RangeError(`${shown(text)} has a bad prefix length; it may be 0 to ${bits}`);
  }
  const range = rangeOf(isV4, address, prefixBits);
  if (range.words.some((word, index) => (word & ~mask(range.prefixBits - 32 * index)) !== 0)) {
    throw new RangeError(`${shown(text)} has bits behind its prefix; did you mean ${firstOf(range)}?`);
  }
  return range;
}

function rangeOf(isV4: boolean, address: string, prefixBits: number): AddressRange {
  if (isV4) return { family: 4, words: [ipv4Bits(address)], prefixBits };
  const words = new Uint32Array(4);
  readIpv6(address, words);
  if (isMappedIpv4(words) && prefixBits >= MAPPED_BITS) {
    return { family: 4, words: [words[3] ?? 0], prefixBits: prefixBits - MAPPED_BITS };
  }
  return { family: 6, words: [...words], prefixBits };
}

/** The leading bits of a 32-bit word: none for 0 or less, all for 32 or more. */
export function mask(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffff_ffff : ~(0xffff_ffff >>> bits) >>> 0;
}

function firstOf({ family, words, prefixBits }: AddressRange): string {
  const masked = words.map((word, index) => (word & mask(prefixBits - 32 * index)) >>> 0);
  if (family === 4) {
    const [word = 0] = masked;
    return `${[24, 16, 8, 0].map((shift) => (word >>> shift) & 0xff).join('.')}/${prefixBits}`;
  }
  const groups = masked.flatMap((word) => [word >>> 16, word & 0xffff]).map((group) => group.toString(16));
  return `${groups.join(':').replace(/(?::0)+$/, '::')}/${prefixBits}`;
}
