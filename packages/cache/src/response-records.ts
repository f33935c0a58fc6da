/** What one walk over a response tells: whether it may be kept, for how long, and where its TTLs lie. */
import {
  COUNT_OFFSET,
  countOf,
  ednsVersion,
  extendedRcodeOf,
  FLAG,
  flagsOf,
  isTruncated,
  type Layout,
  RCODE,
} from '@tridot/wire';
import { KIND } from './entry.ts';
import type { CacheLimits } from './limits.ts';
import { readTtl, readUint16 } from './octets.ts';

/** TYPE, CLASS, TTL and RDLENGTH (RFC 1035 §4.1.3). */
const RECORD_FIXED_BYTES = 10;
const TTL_OFFSET = 4;
const RDLENGTH_OFFSET = 8;
const OPT_HEADER_BYTES = 1 + RECORD_FIXED_BYTES;
/** The shortest record has a root owner and no RDATA: no message has more TTLs than this. */
const MAX_TTLS = 5_958;

const SOA = 6;
const ANY = 255;
const CLIENT_SUBNET = 8;
const EXTENDED_ERROR = 15;
/** Of a response to a query QR alone is set. */
export const OPCODE_AND_QR = FLAG.QR | 0x7800;

/** The last of the five numbers that end the RDATA of SOA (RFC 1035 §3.3.13). */
const SOA_NUMBERS_BYTES = 20;
const SOA_MINIMUM_BYTES = 4;

/** Reads one response at a time: its fields are overwritten by the next `read`, so that nothing is allocated. */
export class ResponseRecords {
  readonly ttlOffsets: Uint16Array = new Uint16Array(MAX_TTLS);
  ttlCount = 0;
  /** KIND.ANSWER or KIND.NXDOMAIN. */
  kind: number = KIND.GONE;
  /** How long it may be kept, at least 1. */
  lifetimeSeconds = 0;
  /** No TTL of it is shown longer than this. */
  ttlBoundSeconds = 0;
  /** The longest TTL, as it was sent. */
  maximumTtl = 0;
  /** Whether the name that was asked for does not exist, not the target of an alias. */
  deniesQname = false;
  readonly #limits: CacheLimits;
  #minimumTtl = 0;
  #negativeTtl = 0;
  #hasWanted = false;

  constructor(limits: CacheLimits) {
    this.#limits = limits;
  }

  /**
   * @param layout of the response, without a fault. An OPT record must be its last, and no octets may follow.
   * @param qtype the type that was asked for.
   * @returns `false` when the response must not be kept.
   *
   * RFC 1035 §7.4, RFC 2181 §5.2 and §8, RFC 2308 §5, RFC 6891 §6.2.1, RFC 7871 §7.3
   */
  read(response: Buffer, layout: Layout, qtype: number): boolean {
    if (layout.signed || isTruncated(response) || (flagsOf(response) & OPCODE_AND_QR) !== FLAG.QR)
      return false;
    const rcode = extendedRcodeOf(response, layout);
    if (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN) return false;
    if (layout.optOffset !== -1) {
      if (ednsVersion(response, layout) !== 0 || hasClientSubnet(response, layout)) return false;
    }
    this.#readRecords(response, layout, qtype);
    if (this.#minimumTtl === 0) return false;
    const isNxdomain = rcode === RCODE.NXDOMAIN;
    const isPositive = !isNxdomain && this.#hasWanted;
    this.kind = isNxdomain ? KIND.NXDOMAIN : KIND.ANSWER;
    this.deniesQname = isNxdomain && countOf(response, COUNT_OFFSET.ANSWER) === 0;
    const bound = isPositive
      ? this.#limits.maxTtlSeconds
      : Math.min(this.#negativeTtl, this.#limits.maxNegativeTtlSeconds);
    this.lifetimeSeconds = Math.min(this.#minimumTtl, bound);
    // Who keeps our negative answer for the TTL of its SOA must not keep it longer than we do.
    this.ttlBoundSeconds = isPositive ? bound : this.lifetimeSeconds;
    return this.lifetimeSeconds > 0;
  }

  #readRecords(response: Buffer, layout: Layout, qtype: number): void {
    const answers = countOf(response, COUNT_OFFSET.ANSWER);
    const authorityEnd = answers + countOf(response, COUNT_OFFSET.AUTHORITY);
    const end = layout.optOffset === -1 ? layout.end : layout.optOffset;
    let minimum = this.#limits.maxTtlSeconds;
    let maximum = 0;
    let offset = layout.questionEnd;
    let count = 0;
    this.#hasWanted = false;
    this.#negativeTtl = 0;
    while (offset < end) {
      const fixed = skipName(response, offset);
      const type = readUint16(response, fixed);
      const ttl = readTtl(response, fixed + TTL_OFFSET);
      const next = fixed + RECORD_FIXED_BYTES + readUint16(response, fixed + RDLENGTH_OFFSET);
      if (ttl < minimum) minimum = ttl;
      if (ttl > maximum) maximum = ttl;
      if (count < answers) {
        if (type === qtype || qtype === ANY) this.#hasWanted = true;
      } else if (type === SOA && count < authorityEnd) {
        const isWhole = next - fixed - RECORD_FIXED_BYTES > SOA_NUMBERS_BYTES;
        if (isWhole) this.#negativeTtl = Math.min(ttl, readTtl(response, next - SOA_MINIMUM_BYTES));
      }
      this.ttlOffsets[count++] = fixed + TTL_OFFSET;
      offset = next;
    }
    this.ttlCount = count;
    this.#minimumTtl = minimum;
    this.maximumTtl = maximum;
  }
}

/** Calls `visit` with the range of each extended error of the response's OPT, option header included (RFC 8914). */
export function forEachExtendedError(
  response: Buffer,
  layout: Layout,
  visit: (start: number, end: number) => void,
): void {
  let option = layout.optOffset + OPT_HEADER_BYTES;
  while (layout.optOffset !== -1 && option < layout.optEnd) {
    const next = option + 4 + readUint16(response, option + 2);
    if (readUint16(response, option) === EXTENDED_ERROR) visit(option, next);
    option = next;
  }
}

/** An answer for a client's network is nobody else's. We never ask for one, so one that says so was misunderstood. */
function hasClientSubnet(response: Buffer, layout: Layout): boolean {
  let option = layout.optOffset + OPT_HEADER_BYTES;
  while (option < layout.optEnd) {
    if (readUint16(response, option) === CLIENT_SUBNET) return true;
    option += 4 + readUint16(response, option + 2);
  }
  return false;
}

/** The offset behind a name that was found sound before. */
function skipName(message: Buffer, offset: number): number {
  let at = offset;
  for (;;) {
    const octet = message[at] ?? 0;
    if (octet === 0) return at + 1;
    if (octet >= 0xc0) return at + 2;
    at += octet + 1;
  }
}
