/** What makes two queries equal, as words that can be hashed and compared. */
import { HEADER_BYTES, type Layout } from '@tridot/wire';
import { HalfSipHash } from './half-sip-hash.ts';
import { KEY_FLAG, keyFlagsOf, NO_KEY } from './key-flags.ts';
import { readUint16, writeUint16 } from './octets.ts';

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

/** A name of 255 octets and the two words behind it, for the hash. */
const MAX_KEY_WORDS = 66;

/** Octets with letters in lower case (RFC 4343 §3). Length octets are at most 63 and so never letters. */
const LOWER_CASE = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet,
);

/** The key of one query at a time: it is overwritten by the next `read`, so that a look-up allocates nothing. */
export class QueryKey {
  hash = 0;
  /** {@link KEY_FLAG} bits. */
  flags = 0;
  readonly sipHash: HalfSipHash;
  /** What is hashed: lower-cased QNAME, padded with zeros to whole words │ flags, octets of the name │ QTYPE, QCLASS. */
  readonly #words: Int32Array = new Int32Array(MAX_KEY_WORDS);
  readonly #octets: Uint8Array = new Uint8Array(this.#words.buffer);
  /** Whose name is not in {@link #octets} yet. */
  #message: Uint8Array | null = null;
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
    this.#load();
    return this.#octets.subarray(0, this.#nameBytes);
  }

  get qtype(): number {
    return this.#qtype;
  }

  /** Octets of name, type and class. */
  get questionBytes(): number {
    return this.#nameBytes + 4;
  }

  /** Whether this key and the wide one of the same name have one place in the index. */
  get isMarked(): boolean {
    return isMarked(this.#qtype, this.#qclass);
  }

  /**
   * Takes the key of a query.
   *
   * @param layout of the query, without a fault.
   * @returns `false` when this query can share its answer with no other. The key is then meaningless.
   */
  read(query: Buffer, layout: Layout): boolean {
    const flags = keyFlagsOf(query, layout);
    if (flags === NO_KEY) return false;
    this.readQuestion(query, layout.qnameEnd, flags);
    return true;
  }

  /** Takes the key of a message's question with the flags given. With ANY_TYPE its type does not count. */
  readQuestion(message: Uint8Array, qnameEnd: number, flags: number): void {
    this.#take(message, qnameEnd);
    this.#ownHash = 0;
    this.#wideHash = 0;
    this.#turn(flags);
  }

  /**
   * Takes again the key of a query for which `read` was true, with the flags and the hash that it had then. The name is
   * read when it is needed first, which is never for a new answer that finds its place free.
   */
  restore(query: Uint8Array, qnameEnd: number, flags: number, hash: number): void {
    this.#take(query, qnameEnd);
    this.#ownHash = hash;
    this.#wideHash = this.isMarked ? (hash & PLACE_BITS) | WIDE_MARK : 0;
    this.#turn(flags);
  }

  #take(message: Uint8Array, qnameEnd: number): void {
    this.#message = message;
    this.#nameBytes = qnameEnd - HEADER_BYTES;
    this.#qtype = readUint16(message, qnameEnd);
    this.#qclass = readUint16(message, qnameEnd + 2);
  }

  #load(): void {
    const message = this.#message;
    if (message === null) return;
    this.#message = null;
    const octets = this.#octets;
    const nameBytes = this.#nameBytes;
    this.#words[(nameBytes - 1) >>> 2] = 0;
    for (let i = 0; i < nameBytes; i++) octets[i] = LOWER_CASE[message[i + HEADER_BYTES] ?? 0] ?? 0;
  }

  /** Whether this is the key of the question of a message that begins at an offset, whatever its letters' case. */
  matches(octets: Uint8Array, offset: number): boolean {
    const own = this.#message ?? this.#octets;
    const ownStart = this.#message === null ? 0 : HEADER_BYTES;
    const start = offset + HEADER_BYTES;
    // A name ends with its only empty label: one that begins with all of this name is this name.
    for (let i = 0; i < this.#nameBytes; i++) {
      const a = octets[start + i] ?? 0;
      const b = own[ownStart + i] ?? 0;
      if (a !== b && LOWER_CASE[a] !== LOWER_CASE[b]) return false;
    }
    const end = start + this.#nameBytes;
    const isWide = (this.flags & KEY_FLAG.ANY_TYPE) !== 0;
    return (
      (isWide || readUint16(octets, end) === this.#qtype) && readUint16(octets, end + 2) === this.#qclass
    );
  }

  /** Becomes the same key as another. */
  copyFrom(key: QueryKey): void {
    key.#load();
    this.#message = null;
    this.#words.set(key.#words);
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
    this.flags |= KEY_FLAG.ANY_TYPE;
    if (this.#wideHash === 0) this.#wideHash = this.#hashed();
    this.hash = this.#wideHash;
  }

  /** Turns back to the key of the one type. */
  narrow(): void {
    this.flags &= ~KEY_FLAG.ANY_TYPE;
    if (this.#ownHash === 0) this.#ownHash = this.#hashed();
    this.hash = this.#ownHash;
  }

  /**
   * Turns to the key of the parent of the name.
   *
   * @returns `false` when the name is the root.
   */
  toParent(): boolean {
    if (this.#nameBytes === ROOT_NAME_BYTES) return false;
    this.#load();
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

  /** Writes name, type and class; see {@link questionBytes}. */
  writeQuestion(octets: Uint8Array, offset: number): void {
    octets.set(this.name, offset);
    const isWide = (this.flags & KEY_FLAG.ANY_TYPE) !== 0;
    writeUint16(octets, offset + this.#nameBytes, isWide ? 0 : this.#qtype);
    writeUint16(octets, offset + this.#nameBytes + 2, this.#qclass);
  }

  /** The key as octets of its own, the same on every machine. */
  toOctets(): Buffer {
    const octets = Buffer.allocUnsafe(this.questionBytes + 1);
    this.writeQuestion(octets, 0);
    octets[this.questionBytes] = this.flags;
    return octets;
  }

  #turn(flags: number): void {
    this.flags = flags;
    if ((flags & KEY_FLAG.ANY_TYPE) === 0) this.narrow();
    else this.widen();
  }

  /** @returns the hash, a signed 32-bit integer. */
  #hashed(): number {
    this.#load();
    const words = this.#words;
    const at = (this.#nameBytes + 3) >>> 2;
    const isWide = (this.flags & KEY_FLAG.ANY_TYPE) !== 0;
    const mark = isWide ? WIDE_MARK : markOf(this.#qtype);
    words[at] = ((this.flags & ~KEY_FLAG.ANY_TYPE) << 16) | this.#nameBytes;
    words[at + 1] = ((isWide ? 0 : this.#qtype) << 16) | this.#qclass;
    if (this.#qclass !== IN || mark === 0) return this.sipHash.hash(words, at + 2);
    const hash = this.sipHash.hash(words, at + 1) & PLACE_BITS;
    if (!isWide) this.#wideHash = hash | WIDE_MARK;
    return hash | mark;
  }
}

/** Whether two hashes of marked keys may be of one name. */
export function isSamePlace(a: number, b: number): boolean {
  return ((a ^ b) & PLACE_BITS) === 0;
}

/** Whether the keys of a message's question are {@link QueryKey.isMarked | marked}. */
export function isMarkedQuestion(message: Uint8Array, qnameEnd: number): boolean {
  return isMarked(readUint16(message, qnameEnd), readUint16(message, qnameEnd + 2));
}

function isMarked(qtype: number, qclass: number): boolean {
  return qclass === IN && markOf(qtype) !== 0;
}

function markOf(qtype: number): number {
  if (qtype === A) return A_MARK;
  return qtype === AAAA ? AAAA_MARK : 0;
}
