/**
 * How one answer lies in the cache's memory, in 32-bit words:
 *
 *   size, kind │ hash │ stored │ expires │ refresh │ lengths │ flags, uses │ message │ TTL offsets
 *
 * The name, type and class of its key are those of the message's question. All of a cache is one block of memory, so an
 * answer costs the garbage collector nothing and its octets are known exactly.
 */

/** What an entry holds. */
export const KIND = {
  /** Nothing: room that is free again once it is the oldest of its queue. */
  GONE: 0,
  /** Records of the type asked for, or that there are none (NODATA). */
  ANSWER: 1,
  /** That the name does not exist. */
  NXDOMAIN: 2,
  /** That the upstream failed. The message is an empty header and the question. */
  FAILURE: 3,
  /** A response as it came, see `unread.ts`. When it expires is not known. */
  UNREAD: 4,
} as const;

const SIZE_KIND = 0;
const HASH = 1;
const STORED = 2;
const EXPIRES = 3;
const REFRESH = 4;
const MESSAGE_BYTES = 5;
const OPT_AND_TTLS = 6;
const FLAGS_USES = 7;
/** Words before the message. */
const ENTRY_HEADER_WORDS = 8;

const KIND_BITS = 3;
const KIND_MASK = 7;

/** Of the key, see KEY_FLAG. */
const FLAGS_MASK = 0x7f;
const FREQUENCY_SHIFT = 7;
const FREQUENCY_MASK = 3;
/** Uses counted to decide who stays: more says no more (S3-FIFO). */
const MAX_FREQUENCY = 3;
const HITS_SHIFT = 9;
const MAX_HITS = 255;
const DELAY_SHIFT = 17;

/** What an entry is made of, besides hash and flags of its key. Times are whole seconds of the cache's clock. */
export interface EntryShape {
  readonly kind: number;
  readonly storedSeconds: number;
  readonly expiresSeconds: number;
  readonly refreshSeconds: number;
  readonly messageBytes: number;
  /** Where the OPT record lies that ends the message. */
  readonly optOffset: number;
  readonly ttlCount: number;
  /** FAILURE: how long it is remembered this time. */
  readonly delaySeconds: number;
}

/** Reads and writes entries. A position is the index of an entry's first word. */
export class EntryMemory {
  readonly words: Int32Array;
  readonly octets: Buffer;

  /** @param wordCount the first word of which is left unused, so that 0 is no position. */
  constructor(wordCount: number) {
    const memory = new ArrayBuffer(wordCount * 4);
    this.words = new Int32Array(memory);
    this.octets = Buffer.from(memory);
  }

  static wordsFor({ messageBytes, ttlCount }: EntryShape): number {
    return ENTRY_HEADER_WORDS + ((messageBytes + 3) >>> 2) + ((ttlCount + 1) >>> 1);
  }

  write(at: number, size: number, hash: number, keyFlags: number, shape: EntryShape): void {
    const { words } = this;
    words[at + SIZE_KIND] = (size << KIND_BITS) | shape.kind;
    words[at + HASH] = hash;
    words[at + STORED] = shape.storedSeconds;
    words[at + EXPIRES] = shape.expiresSeconds;
    words[at + REFRESH] = shape.refreshSeconds;
    words[at + MESSAGE_BYTES] = shape.messageBytes;
    words[at + OPT_AND_TTLS] = (shape.optOffset << 16) | shape.ttlCount;
    words[at + FLAGS_USES] = keyFlags | (shape.delaySeconds << DELAY_SHIFT);
  }

  /** Marks room that holds no entry. */
  writeGap(at: number, size: number): void {
    this.words[at + SIZE_KIND] = (size << KIND_BITS) | KIND.GONE;
  }

  /** Words of the entry or gap at a position. */
  size(at: number): number {
    return this.#word(at + SIZE_KIND) >>> KIND_BITS;
  }

  kind(at: number): number {
    return this.#word(at + SIZE_KIND) & KIND_MASK;
  }

  hash(at: number): number {
    return this.#word(at + HASH);
  }

  stored(at: number): number {
    return this.#word(at + STORED);
  }

  expires(at: number): number {
    return this.#word(at + EXPIRES);
  }

  /** When it may be fetched anew, or, past its TTL, when the upstream may be asked again. */
  refresh(at: number): number {
    return this.#word(at + REFRESH);
  }

  setRefresh(at: number, seconds: number): void {
    this.words[at + REFRESH] = seconds;
  }

  messageBytes(at: number): number {
    return this.#word(at + MESSAGE_BYTES);
  }

  optOffset(at: number): number {
    return this.#word(at + OPT_AND_TTLS) >>> 16;
  }

  ttlCount(at: number): number {
    return this.#word(at + OPT_AND_TTLS) & 0xffff;
  }

  /** Of the key, see KEY_FLAG. */
  flags(at: number): number {
    return this.#word(at + FLAGS_USES) & FLAGS_MASK;
  }

  delay(at: number): number {
    return this.#word(at + FLAGS_USES) >>> DELAY_SHIFT;
  }

  frequency(at: number): number {
    return (this.#word(at + FLAGS_USES) >>> FREQUENCY_SHIFT) & FREQUENCY_MASK;
  }

  setFrequency(at: number, frequency: number): void {
    const uses = this.#word(at + FLAGS_USES) & ~(FREQUENCY_MASK << FREQUENCY_SHIFT);
    this.words[at + FLAGS_USES] = uses | (frequency << FREQUENCY_SHIFT);
  }

  hits(at: number): number {
    return (this.#word(at + FLAGS_USES) >>> HITS_SHIFT) & MAX_HITS;
  }

  /** Counts one use. Most entries in use have all counts full, and then nothing is written. */
  touch(at: number): void {
    let uses = this.#word(at + FLAGS_USES);
    const before = uses;
    if (((uses >>> FREQUENCY_SHIFT) & FREQUENCY_MASK) < MAX_FREQUENCY) uses += 1 << FREQUENCY_SHIFT;
    if (((uses >>> HITS_SHIFT) & MAX_HITS) < MAX_HITS) uses += 1 << HITS_SHIFT;
    if (uses !== before) this.words[at + FLAGS_USES] = uses;
  }

  /** Offset of the message in {@link octets}. */
  messageAt(at: number): number {
    return (at + ENTRY_HEADER_WORDS) << 2;
  }

  /** Index of the first word with TTL offsets, two in each. */
  ttlsAt(at: number): number {
    return at + ENTRY_HEADER_WORDS + ((this.messageBytes(at) + 3) >>> 2);
  }

  #word(index: number): number {
    return this.words[index] ?? 0;
  }
}
