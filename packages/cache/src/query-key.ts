/** What makes two queries equal, as words that can be hashed and compared. */
import { FLAG, flagsOf, HEADER_BYTES, type Layout, OPTION } from '@tridot/wire';
import { HalfSipHash } from './half-sip-hash.ts';
import { readUint16, writeUint16 } from './octets.ts';

/** Bits that a key has beside name, type and class. */
export const KEY_FLAG = {
  RD: 0x01,
  CD: 0x02,
  DO: 0x04,
  /** The client understands AD: it set AD or DO (RFC 6840 §5.8). */
  AD_WANTED: 0x08,
  /** The key of "this name does not exist", which holds for all its types (RFC 2308 §5). Its QTYPE is 0. */
  ANY_TYPE: 0x10,
} as const;

const LISTED_FLAGS = FLAG.RD | FLAG.AD | FLAG.CD;
const DO_FLAG = 0x8000;
/** Owner, TYPE, CLASS, TTL and RDLENGTH of an OPT record. */
const OPT_HEADER_BYTES = 11;
const OPT_FLAGS_OFFSET = 7;
const OPT_VERSION_OFFSET = 6;
const ROOT_NAME_BYTES = 1;

const IN = 1;
const A = 1;
const AAAA = 28;
/**
 * The keys that are looked up together differ only in these bits of their hashes, which are above those that choose a
 * slot: they lie side by side, so that the second look-up finds its memory at hand. All other types have hashes of their
 * own, or one name asked for with every type would fill one place of the index.
 */
const WIDE_MARK = 1 << 29;
const A_MARK = 2 << 29;
const AAAA_MARK = 3 << 29;
/** The other bits. */
const PLACE_BITS = ~AAAA_MARK;

/** A name of 255 octets and the two words behind it. */
const MAX_KEY_WORDS = 66;

/** Octets with letters in lower case (RFC 4343 §3). Length octets are at most 63 and so never letters. */
const LOWER_CASE = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet,
);

/**
 * The key of one query at a time: its words are overwritten by the next `read`, so that a look-up allocates nothing.
 *
 *   lower-cased QNAME, padded with zeros to whole words │ flags, octets of the name │ QTYPE, QCLASS
 */
export class QueryKey {
  readonly words: Int32Array = new Int32Array(MAX_KEY_WORDS);
  /** Words in use. */
  count = 0;
  hash = 0;
  /** {@link KEY_FLAG} bits. */
  flags = 0;
  readonly #octets: Uint8Array = new Uint8Array(this.words.buffer);
  readonly sipHash: HalfSipHash;
  #nameBytes = 0;
  #qtype = 0;
  #qclass = 0;
  #ownHash = 0;
  /** 0: not known yet. */
  #wideHash = 0;

  constructor(sipHash: HalfSipHash = new HalfSipHash()) {
    this.sipHash = sipHash;
  }

  /** The name in lower case, in wire form. */
  get name(): Uint8Array {
    return this.#octets.subarray(0, this.#nameBytes);
  }

  get qtype(): number {
    return this.#qtype;
  }

  /** Whether this key and the wide one of the same name have one place in the index. */
  get isMarked(): boolean {
    return this.#qclass === IN && this.#typeMark !== 0;
  }

  /**
   * Takes the key of a query.
   *
   * @param layout of the query, without a fault.
   * @returns `false` when this query can share its answer with no other: an opcode other than QUERY, unusual flags,
   *   records, signatures, octets behind the last record, or an end-to-end EDNS option. The key is then meaningless.
   */
  read(query: Buffer, layout: Layout): boolean {
    const header = flagsOf(query);
    const { optOffset } = layout;
    if ((header & ~LISTED_FLAGS) !== 0 || layout.signed || layout.end !== query.length) return false;
    if (readUint16(query, 4) !== 1 || readUint16(query, 6) !== 0 || readUint16(query, 8) !== 0) return false;
    if (readUint16(query, 10) !== (optOffset === -1 ? 0 : 1)) return false;
    let flags = (header & FLAG.RD) !== 0 ? KEY_FLAG.RD : 0;
    if ((header & FLAG.CD) !== 0) flags |= KEY_FLAG.CD;
    if ((header & FLAG.AD) !== 0) flags |= KEY_FLAG.AD_WANTED;
    if (optOffset !== -1) {
      if (!isPlainOpt(query, optOffset, layout.optEnd)) return false;
      if (readUint16(query, optOffset + OPT_FLAGS_OFFSET) !== 0) flags |= KEY_FLAG.DO | KEY_FLAG.AD_WANTED;
    }
    this.readQuestion(query, layout.qnameEnd, flags);
    return true;
  }

  /** Takes the key of a message's question with the flags given. With ANY_TYPE its type does not count. */
  readQuestion(message: Uint8Array, qnameEnd: number, flags: number): void {
    this.#copyQuestion(message, qnameEnd);
    this.#ownHash = 0;
    this.#wideHash = 0;
    this.#turn(flags);
  }

  /** Takes again the key of a query for which `read` was true, with the flags and the hash that it had then. */
  restore(query: Uint8Array, qnameEnd: number, flags: number, hash: number): void {
    this.#copyQuestion(query, qnameEnd);
    this.#ownHash = hash;
    this.#wideHash = this.isMarked ? (hash & PLACE_BITS) | WIDE_MARK : 0;
    this.#turn(flags);
  }

  #copyQuestion(message: Uint8Array, qnameEnd: number): void {
    const octets = this.#octets;
    const nameBytes = qnameEnd - HEADER_BYTES;
    this.words[(nameBytes - 1) >>> 2] = 0;
    for (let i = 0; i < nameBytes; i++) octets[i] = LOWER_CASE[message[i + HEADER_BYTES] ?? 0] ?? 0;
    this.#nameBytes = nameBytes;
    this.#qtype = readUint16(message, qnameEnd);
    this.#qclass = readUint16(message, qnameEnd + 2);
  }

  /** Whether the question of a message is the one that this key was taken from, whatever its letters' case. */
  matches(message: Uint8Array, qnameEnd: number): boolean {
    const octets = this.#octets;
    if (qnameEnd - HEADER_BYTES !== this.#nameBytes) return false;
    if (readUint16(message, qnameEnd) !== this.#qtype) return false;
    if (readUint16(message, qnameEnd + 2) !== this.#qclass) return false;
    for (let i = 0; i < this.#nameBytes; i++) {
      if (LOWER_CASE[message[i + HEADER_BYTES] ?? 0] !== octets[i]) return false;
    }
    return true;
  }

  /** Becomes the same key as another. */
  copyFrom(key: QueryKey): void {
    this.words.set(key.words);
    this.count = key.count;
    this.hash = key.hash;
    this.flags = key.flags;
    this.#nameBytes = key.#nameBytes;
    this.#qtype = key.#qtype;
    this.#qclass = key.#qclass;
    this.#ownHash = key.#ownHash;
    this.#wideHash = key.#wideHash;
  }

  /** Turns to the key under which it is kept that this name does not exist. */
  widen(): void {
    this.#wideHash = this.#writeTail(this.flags | KEY_FLAG.ANY_TYPE, this.#wideHash);
    this.hash = this.#wideHash;
  }

  /** Turns back to the key of the one type. */
  narrow(): void {
    this.#ownHash = this.#writeTail(this.flags & ~KEY_FLAG.ANY_TYPE, this.#ownHash);
    this.hash = this.#ownHash;
  }

  /**
   * Turns to the key of the parent of the name.
   *
   * @returns `false` when the name is the root.
   */
  toParent(): boolean {
    if (this.#nameBytes === ROOT_NAME_BYTES) return false;
    const labelBytes = 1 + (this.#octets[0] ?? 0);
    const nameBytes = this.#nameBytes - labelBytes;
    this.#octets.copyWithin(0, labelBytes, this.#nameBytes);
    this.#octets.fill(0, nameBytes, (nameBytes + 3) & ~3);
    this.#nameBytes = nameBytes;
    this.#ownHash = 0;
    this.#wideHash = 0;
    this.#turn(this.flags);
    return true;
  }

  /** The key as octets of its own, the same on every machine. */
  toOctets(): Buffer {
    const octets = Buffer.allocUnsafe(this.#nameBytes + 5);
    octets.set(this.name);
    const isWide = (this.flags & KEY_FLAG.ANY_TYPE) !== 0;
    writeUint16(octets, this.#nameBytes, isWide ? 0 : this.#qtype);
    writeUint16(octets, this.#nameBytes + 2, this.#qclass);
    octets[this.#nameBytes + 4] = this.flags;
    return octets;
  }

  #turn(flags: number): void {
    this.flags = flags;
    if ((flags & KEY_FLAG.ANY_TYPE) === 0) this.narrow();
    else this.widen();
  }

  /** Writes the words behind the name. @returns the hash, a signed 32-bit integer. */
  #writeTail(flags: number, known: number): number {
    const { words } = this;
    const at = (this.#nameBytes + 3) >>> 2;
    const isWide = (flags & KEY_FLAG.ANY_TYPE) !== 0;
    this.flags = flags;
    this.count = at + 2;
    words[at] = ((flags & ~KEY_FLAG.ANY_TYPE) << 16) | this.#nameBytes;
    words[at + 1] = ((isWide ? 0 : this.#qtype) << 16) | this.#qclass;
    const hash = known === 0 ? this.#hashWords(isWide, at + 1) : known;
    words[at] = (flags << 16) | this.#nameBytes;
    return hash;
  }

  #hashWords(isWide: boolean, countWithoutType: number): number {
    const mark = isWide ? WIDE_MARK : this.#typeMark;
    if (this.#qclass !== IN || mark === 0) return this.sipHash.hash(this.words, countWithoutType + 1);
    const hash = this.sipHash.hash(this.words, countWithoutType) & PLACE_BITS;
    if (!isWide) this.#wideHash = hash | WIDE_MARK;
    return hash | mark;
  }

  get #typeMark(): number {
    if (this.#qtype === A) return A_MARK;
    return this.#qtype === AAAA ? AAAA_MARK : 0;
  }
}

/** The flags of a key, from its words. */
export function keyFlagsOf(words: Int32Array): number {
  return (words[words.length - 2] ?? 0) >>> 16;
}

/**
 * Whether OPT says nothing that could make the answer another client's own: no flag but DO, and no option but those that
 * are removed anyway because they concern one hop (RFC 7873, RFC 7828, RFC 7830).
 */
function isPlainOpt(query: Buffer, optOffset: number, optEnd: number): boolean {
  if (query[optOffset + OPT_VERSION_OFFSET] !== 0) return false;
  if ((readUint16(query, optOffset + OPT_FLAGS_OFFSET) & ~DO_FLAG) !== 0) return false;
  let option = optOffset + OPT_HEADER_BYTES;
  while (option < optEnd) {
    const code = readUint16(query, option);
    if (code < OPTION.COOKIE || code > OPTION.PADDING) return false;
    option += 4 + readUint16(query, option + 2);
  }
  return true;
}
