/** Builds a {@link NameIndex}: names are first only appended, then entered when their number is known. */
import { BELOW_BIT, depthBit, EMPTY_INDEX, firstSlot, NameIndex, slotsFor, tagOf } from './name-index.ts';
import { hashOf } from './scanned-name.ts';

/** Room for one more name and the mark before it. */
const ENTRY_BYTES = 257;
const FIRST_ROOM_BYTES = 4_096;
const MARK_BYTES = 1;
/** An arena of which this much less is used than was written to is not copied: marks and some names listed twice. */
const ENOUGH_USE = 1.25;

/**
 * Takes names and makes an index of about the size that they need. The octets are moved together in place while they
 * are entered, so that there is no second copy of them.
 */
export class IndexBuilder {
  /** Names taken so far, those taken twice counted twice. */
  count = 0;
  #arena: Uint8Array<ArrayBuffer>;
  #end = 0;
  #read = 0;
  #write = 0;
  #tags: Uint8Array<ArrayBuffer> | null = null;
  #offsets: Uint32Array<ArrayBuffer> | null = null;
  #names = 0;
  #depths = 0;
  #belowDepths = 0;

  /** @param expectedBytes how many octets the names may have; a wrong guess costs time or, while building, memory. */
  constructor(expectedBytes: number = FIRST_ROOM_BYTES) {
    this.#arena = new Uint8Array(Math.max(FIRST_ROOM_BYTES, expectedBytes));
  }

  /**
   * Lets a writer put one name, in lower case and with its root label, into the arena.
   *
   * @param below whether it stands for everything below as well.
   * @param write gets the arena and where to write; returns the end of the name, or -1 when it is none.
   * @returns whether there was a name.
   */
  take(below: boolean, write: (target: Uint8Array, offset: number) => number): boolean {
    if (this.#arena.length - this.#end < ENTRY_BYTES) this.#grow();
    const end = write(this.#arena, this.#end + MARK_BYTES);
    if (end < 0) return false;
    this.#arena[this.#end] = below ? 1 : 0;
    this.#end = end;
    this.count++;
    return true;
  }

  /**
   * Enters the next names into the index. No name may be taken from the first call on.
   *
   * @param most how many names at most, so that the caller can give others a turn.
   * @returns whether all are in.
   */
  enter(most: number): boolean {
    const slots = slotsFor(this.count);
    this.#tags ??= new Uint8Array(slots);
    this.#offsets ??= new Uint32Array(slots);
    for (let i = 0; i < most && this.#read < this.#end; i++) this.#enterNext(this.#tags, this.#offsets);
    return this.#read >= this.#end;
  }

  /** The index, when all names are in. The builder is empty afterwards. */
  finish(): NameIndex {
    if (this.#tags === null || this.#offsets === null || this.#names === 0) return EMPTY_INDEX;
    return new NameIndex({
      arena: this.#trimmed(),
      tags: this.#tags,
      offsets: this.#offsets,
      names: this.#names,
      depths: this.#depths,
      belowDepths: this.#belowDepths,
    });
  }

  /**
   * To copy a large arena holds up everything else, so it is only done when that gives back much memory. Room that was
   * never written to takes none: the system provides it when it is touched.
   */
  #trimmed(): Uint8Array {
    const mostlyUsed = this.#end <= this.#write * ENOUGH_USE && this.#end > FIRST_ROOM_BYTES;
    const arena = mostlyUsed ? this.#arena : new Uint8Array(this.#arena.buffer.transfer(this.#write));
    return arena.subarray(0, mostlyUsed ? this.#end : this.#write);
  }

  #enterNext(tags: Uint8Array, offsets: Uint32Array): void {
    const arena = this.#arena;
    const below = arena[this.#read] === 1;
    const from = this.#read + MARK_BYTES;
    let end = from;
    let labels = 0;
    for (let length = arena[end] ?? 0; length !== 0; length = arena[end] ?? 0) {
      end += length + 1;
      labels++;
    }
    this.#read = end + 1;
    const hash = hashOf(arena, from, end);
    const slot = this.#slotFor(tags, offsets, hash, from, end + 1);
    if (tags[slot] === 0) {
      tags[slot] = tagOf(hash);
      offsets[slot] = this.#write;
      arena.copyWithin(this.#write, from, end + 1);
      this.#write += end + 1 - from;
      this.#names++;
      this.#depths |= depthBit(labels);
    }
    if (below) {
      offsets[slot] = ((offsets[slot] ?? 0) | BELOW_BIT) >>> 0;
      this.#belowDepths |= depthBit(labels);
    }
  }

  /** The slot of a name that is in already, or the free one where it belongs. */
  #slotFor(tags: Uint8Array, offsets: Uint32Array, hash: number, from: number, end: number): number {
    const slots = tags.length;
    const tag = tagOf(hash);
    let slot = firstSlot(hash, slots);
    while (tags[slot] !== 0) {
      if (tags[slot] === tag && this.#sameOctets((offsets[slot] ?? 0) & ~BELOW_BIT, from, end)) return slot;
      slot = slot + 1 === slots ? 0 : slot + 1;
    }
    return slot;
  }

  #sameOctets(at: number, from: number, end: number): boolean {
    const arena = this.#arena;
    for (let i = from, j = at; i < end; i++, j++) if (arena[i] !== arena[j]) return false;
    return true;
  }

  #grow(): void {
    const arena = new Uint8Array(Math.ceil(this.#arena.length * 1.5) + ENTRY_BYTES);
    arena.set(this.#arena.subarray(0, this.#end));
    this.#arena = arena;
  }
}
