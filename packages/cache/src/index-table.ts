/**
 * From a key to the position of its entry: an open-addressing hash table over words.
 *
 * A query that is answered for the first time finds nothing, and waiting for memory to learn that would be most of its
 * cost. So each slot has a tag of one octet beside it: the tags of all slots stay in the processor's cache, the slots do not.
 */
import type { EntryMemory } from './entry.ts';
import type { QueryKey } from './query-key.ts';

/** Slots for each entry: with linear probing a miss then looks at three slots on average. */
const SLOTS_PER_ENTRY = 1.5;
const TAG_SHIFT = 20;
/** An empty slot has the tag 0. */
const TAG_IN_USE = 0x80;

export class IndexTable {
  /** Octets that a slot takes. */
  static readonly slotBytes: number = 9;
  /** Pairs of hash and position. */
  readonly #slots: Int32Array;
  readonly #tags: Uint8Array;
  readonly #mask: number;
  readonly #memory: EntryMemory;

  constructor(memory: EntryMemory, slotCount: number) {
    this.#slots = new Int32Array(slotCount * 2);
    this.#tags = new Uint8Array(slotCount);
    this.#mask = slotCount - 1;
    this.#memory = memory;
  }

  /** Slots needed for so many entries; a power of two. */
  static slotsFor(entries: number): number {
    return 2 ** Math.ceil(Math.log2(entries * SLOTS_PER_ENTRY));
  }

  /** Entries that so many slots are meant for. */
  static entriesFor(slotCount: number): number {
    return Math.floor(slotCount / SLOTS_PER_ENTRY);
  }

  /** @returns the position of the entry with this key; 0: there is none. */
  find(key: QueryKey): number {
    const slots = this.#slots;
    const { hash } = key;
    const wanted = tagOf(hash);
    let slot = hash & this.#mask;
    for (;;) {
      const tag = this.#tags[slot] ?? 0;
      if (tag === 0) return 0;
      if (tag === wanted && slots[slot * 2] === hash) {
        const at = slots[slot * 2 + 1] ?? 0;
        if (this.#sameKey(at, key)) return at;
      }
      slot = (slot + 1) & this.#mask;
    }
  }

  /** Whether there could be an entry for a key or for the wide one of the same name, if their hashes share their place. */
  mayHold(hash: number): boolean {
    const wanted = tagOf(hash);
    let slot = hash & this.#mask;
    for (;;) {
      const tag = this.#tags[slot] ?? 0;
      if (tag === 0) return false;
      if (tag === wanted) return true;
      slot = (slot + 1) & this.#mask;
    }
  }

  /** Adds an entry whose key is not there yet. */
  add(hash: number, at: number): void {
    let slot = hash & this.#mask;
    while (this.#tags[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#write(slot, hash, at);
  }

  /** Says that an entry lies elsewhere now. */
  move(hash: number, from: number, to: number): void {
    this.#slots[this.#slotOf(hash, from) * 2 + 1] = to;
  }

  remove(hash: number, at: number): void {
    const slots = this.#slots;
    let hole = this.#slotOf(hash, at);
    let slot = hole;
    // Entries behind the hole that do not lie in their own slot close it, so that no mark of what was there is needed.
    for (;;) {
      slot = (slot + 1) & this.#mask;
      if (this.#tags[slot] === 0) break;
      const next = slots[slot * 2] ?? 0;
      const home = next & this.#mask;
      if (((slot - home) & this.#mask) < ((slot - hole) & this.#mask)) continue;
      this.#write(hole, next, slots[slot * 2 + 1] ?? 0);
      hole = slot;
    }
    this.#tags[hole] = 0;
  }

  #write(slot: number, hash: number, at: number): void {
    this.#tags[slot] = tagOf(hash);
    this.#slots[slot * 2] = hash;
    this.#slots[slot * 2 + 1] = at;
  }

  #slotOf(hash: number, at: number): number {
    const wanted = tagOf(hash);
    let slot = hash & this.#mask;
    while (this.#tags[slot] !== wanted || this.#slots[slot * 2 + 1] !== at) slot = (slot + 1) & this.#mask;
    return slot;
  }

  #sameKey(at: number, key: QueryKey): boolean {
    const memory = this.#memory;
    if (memory.keyWords(at) !== key.count) return false;
    const stored = memory.words;
    const start = memory.keyAt(at);
    const { words, count } = key;
    // From the end: names that share a place often share their first labels less than type and flags.
    for (let i = count - 1; i >= 0; i--) if (stored[start + i] !== words[i]) return false;
    return true;
  }
}

/** Of bits that choose no slot in an index of usual size, and that keys which are looked up together have in common. */
function tagOf(hash: number): number {
  return ((hash >>> TAG_SHIFT) & 0x7f) | TAG_IN_USE;
}
