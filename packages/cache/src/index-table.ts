/** From a key to the position of its entry: an open-addressing hash table over words. */
import type { EntryMemory } from './entry.ts';
import type { QueryKey } from './query-key.ts';

/** Slots for each entry: with linear probing a miss then looks at three slots on average. */
const SLOTS_PER_ENTRY = 1.5;

export class IndexTable {
  /** Pairs of hash and position; position 0 is an empty slot. */
  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly #memory: EntryMemory;

  constructor(memory: EntryMemory, slotCount: number) {
    this.#slots = new Int32Array(slotCount * 2);
    this.#mask = slotCount - 1;
    this.#memory = memory;
  }

  /** Slots needed for so many entries; a power of two. Each takes eight octets. */
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
    let slot = hash & this.#mask;
    for (;;) {
      const at = slots[slot * 2 + 1] ?? 0;
      if (at === 0) return 0;
      if (slots[slot * 2] === hash && this.#sameKey(at, key)) return at;
      slot = (slot + 1) & this.#mask;
    }
  }

  /** Adds an entry whose key is not there yet. */
  add(hash: number, at: number): void {
    const slots = this.#slots;
    let slot = hash & this.#mask;
    while (slots[slot * 2 + 1] !== 0) slot = (slot + 1) & this.#mask;
    slots[slot * 2] = hash;
    slots[slot * 2 + 1] = at;
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
      const next = slots[slot * 2 + 1] ?? 0;
      if (next === 0) break;
      const home = (slots[slot * 2] ?? 0) & this.#mask;
      if (((slot - home) & this.#mask) < ((slot - hole) & this.#mask)) continue;
      slots[hole * 2] = slots[slot * 2] ?? 0;
      slots[hole * 2 + 1] = next;
      hole = slot;
    }
    slots[hole * 2 + 1] = 0;
  }

  #slotOf(hash: number, at: number): number {
    let slot = hash & this.#mask;
    while (this.#slots[slot * 2 + 1] !== at) slot = (slot + 1) & this.#mask;
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
