/**
 * From a key to the position of its entry: an open-addressing hash table over words.
 *
 * Each look at a slot that was not looked at lately is a wait for memory, and for a query that is answered for the first
 * time such waits are most of what the cache costs. So all that a look-up needs to find nothing lies in one place.
 */
import type { EntryMemory } from './entry.ts';
import { isSamePlace, type QueryKey } from './query-key.ts';

/** Slots for each entry: with linear probing a miss then looks at three slots on average. */
const SLOTS_PER_ENTRY = 1.5;
const SLOT_WORDS = 2;

export class IndexTable {
  /** Octets that a slot takes. */
  static readonly slotBytes: number = SLOT_WORDS * 4;
  /** Pairs of hash and position; the hash of a slot in use is not 0. */
  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly #memory: EntryMemory;

  constructor(memory: EntryMemory, slotCount: number) {
    this.#slots = new Int32Array(slotCount * SLOT_WORDS);
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
    const { hash } = key;
    let slot = hash & this.#mask;
    for (let found = this.#hashAt(slot); found !== 0; found = this.#hashAt(slot)) {
      if (found === hash) {
        const at = this.#positionAt(slot);
        if (this.#sameKey(at, key)) return at;
      }
      slot = (slot + 1) & this.#mask;
    }
    return 0;
  }

  /** Whether there could be an entry for a key or for the wide one of the same name, if their hashes share their place. */
  mayHold(hash: number): boolean {
    let slot = hash & this.#mask;
    for (let found = this.#hashAt(slot); found !== 0; found = this.#hashAt(slot)) {
      if (isSamePlace(found, hash)) return true;
      slot = (slot + 1) & this.#mask;
    }
    return false;
  }

  /** Adds an entry whose key is not there yet. */
  add(hash: number, at: number): void {
    let slot = hash & this.#mask;
    while (this.#hashAt(slot) !== 0) slot = (slot + 1) & this.#mask;
    this.#write(slot, hash, at);
  }

  /** Says that an entry lies elsewhere now. */
  move(hash: number, from: number, to: number): void {
    this.#write(this.#slotOf(hash, from), hash, to);
  }

  remove(hash: number, at: number): void {
    let hole = this.#slotOf(hash, at);
    let slot = hole;
    // Entries behind the hole that do not lie in their own slot close it, so that no mark of what was there is needed.
    for (;;) {
      slot = (slot + 1) & this.#mask;
      const next = this.#hashAt(slot);
      if (next === 0) break;
      const home = next & this.#mask;
      if (((slot - home) & this.#mask) < ((slot - hole) & this.#mask)) continue;
      this.#write(hole, next, this.#positionAt(slot));
      hole = slot;
    }
    this.#write(hole, 0, 0);
  }

  #hashAt(slot: number): number {
    return this.#slots[slot * SLOT_WORDS] ?? 0;
  }

  #positionAt(slot: number): number {
    return this.#slots[slot * SLOT_WORDS + 1] ?? 0;
  }

  #write(slot: number, hash: number, at: number): void {
    this.#slots[slot * SLOT_WORDS] = hash;
    this.#slots[slot * SLOT_WORDS + 1] = at;
  }

  #slotOf(hash: number, at: number): number {
    let slot = hash & this.#mask;
    while (this.#positionAt(slot) !== at) slot = (slot + 1) & this.#mask;
    return slot;
  }

  #sameKey(at: number, key: QueryKey): boolean {
    const memory = this.#memory;
    return memory.flags(at) === key.flags && key.matches(memory.octets, memory.messageAt(at));
  }
}
