/**
 * Which entries stay: S3-FIFO (Yang et al., SOSP 2023) on two rings of octets.
 *
 *   new ──► small (a tenth) ──asked again──► main ──asked again──► main, at the young end
 *                │ not asked again             │ not asked again
 *                ▼                             ▼
 *             ghosts ── comes back ──► main   gone
 *
 * A scan, such as a million names asked once each, passes through the small ring and leaves the main one alone. Since
 * the queues are first in, first out, each is a ring of octets: no list, no free list, no holes, and nothing for the
 * garbage collector. A policy that takes entries out of the middle, like LRU or SIEVE, could not be kept so.
 */
import type { CacheCounters } from './counters.ts';
import { EntryMemory, type EntryShape, KIND } from './entry.ts';
import { Ghosts } from './ghosts.ts';
import { IndexTable } from './index-table.ts';
import type { CacheLimits } from './limits.ts';
import type { QueryKey } from './query-key.ts';
import { Ring } from './ring.ts';

const SMALL_SHARE = 0.1;
/** The index takes no more than this part of the memory. */
const INDEX_SHARE = 0.25;
const GHOST_BYTES = 4;
/** An entry larger than this part of the small ring would sweep it. */
const MAX_ENTRY_SHARE = 0.5;
/** Entries given another round while room is made for one: bounds the time of a single insertion. */
const MAX_SPARED = 32;

export class EntryStore {
  readonly memory: EntryMemory;
  readonly #index: IndexTable;
  readonly #small: Ring;
  readonly #main: Ring;
  readonly #ghosts: Ghosts;
  readonly #counters: CacheCounters;
  readonly #staleSeconds: number;
  readonly #maxEntries: number;
  readonly #maxEntryWords: number;
  /** Until main has been full once there is no reason to choose, and whatever comes is put there. */
  #mainWasFull = false;

  constructor(limits: CacheLimits, counters: CacheCounters) {
    const mostSlots = 2 ** Math.floor(Math.log2((limits.maxBytes * INDEX_SHARE) / IndexTable.slotBytes));
    const slots = Math.min(mostSlots, IndexTable.slotsFor(limits.maxEntries));
    const ghosts = slots / 2;
    const words = Math.floor((limits.maxBytes - slots * IndexTable.slotBytes - ghosts * GHOST_BYTES) / 4);
    const smallWords = Math.floor(words * SMALL_SHARE);
    this.memory = new EntryMemory(words);
    this.#index = new IndexTable(this.memory, slots);
    this.#small = new Ring(this.memory, 1, smallWords);
    this.#main = new Ring(this.memory, smallWords, words);
    this.#ghosts = new Ghosts(ghosts);
    this.#counters = counters;
    this.#staleSeconds = limits.staleSeconds;
    this.#maxEntries = Math.min(limits.maxEntries, IndexTable.entriesFor(slots));
    this.#maxEntryWords = Math.floor(smallWords * MAX_ENTRY_SHARE);
  }

  /** @returns the position of the entry with this key, however old; 0: there is none. Valid until the next `add`. */
  find(key: QueryKey): number {
    return this.#index.find(key);
  }

  /** Whether it is certain, from one glance at the index, that neither this key nor the wide one has an entry. */
  holdsNothing(key: QueryKey): boolean {
    return key.isMarked && !this.mayHold(key.hash);
  }

  /** Whether a marked key with this hash, or the wide one of the same name, could have an entry. */
  mayHold(hash: number): boolean {
    return this.#index.mayHold(hash);
  }

  /**
   * Makes an entry, in place of one with the same key. Its header is written; message and TTL offsets are the caller's to
   * write at once.
   *
   * @returns its position; 0 when it is too large to be kept: nothing is then kept under this key.
   */
  add(key: QueryKey, shape: EntryShape, nowSeconds: number): number {
    const { memory } = this;
    const old = this.#index.find(key);
    if (old === 0) return this.addNew(key.hash, key.flags, shape, nowSeconds);
    const size = EntryMemory.wordsFor(shape);
    const frequency = memory.frequency(old);
    if (memory.size(old) === size) {
      memory.write(old, size, key.hash, key.flags, shape);
      memory.setFrequency(old, frequency);
      return old;
    }
    const isInMain = this.#main.contains(old);
    this.remove(old);
    if (size > this.#maxEntryWords) return 0;
    const at = this.#insert(
      isInMain ? this.#main : this.#small,
      size,
      key.hash,
      key.flags,
      shape,
      nowSeconds,
    );
    memory.setFrequency(at, frequency);
    return at;
  }

  /** Makes an entry for a key that has none. Otherwise like {@link add}. */
  addNew(hash: number, keyFlags: number, shape: EntryShape, nowSeconds: number): number {
    const size = EntryMemory.wordsFor(shape);
    if (size > this.#maxEntryWords) return 0;
    if (!this.#main.fits(size)) this.#mainWasFull = true;
    const isKnown = !this.#mainWasFull || this.#ghosts.take(hash);
    return this.#insert(isKnown ? this.#main : this.#small, size, hash, keyFlags, shape, nowSeconds);
  }

  #insert(
    ring: Ring,
    size: number,
    hash: number,
    keyFlags: number,
    shape: EntryShape,
    nowSeconds: number,
  ): number {
    while (this.#counters.entries >= this.#maxEntries) this.#evictOne(nowSeconds);
    this.#makeRoom(ring, size, nowSeconds);
    const at = ring.push(size);
    this.memory.write(at, size, hash, keyFlags, shape);
    this.#index.add(hash, at);
    this.#counters.entries++;
    this.#counters.octets += size * 4;
    return at;
  }

  /** Drops an entry. Its room is free once it is the oldest of its ring. */
  remove(at: number): void {
    const size = this.memory.size(at);
    this.#index.remove(this.memory.hash(at), at);
    this.memory.writeGap(at, size);
    this.#counters.entries--;
    this.#counters.octets -= size * 4;
  }

  /** Calls `visit` with the position of every entry, the likeliest to go first. It may remove that one, and add none. */
  forEach(visit: (at: number) => void): void {
    const visitEntry = (at: number): void => {
      if (this.memory.kind(at) !== KIND.GONE) visit(at);
    };
    this.#small.forEach(visitEntry);
    this.#main.forEach(visitEntry);
  }

  #makeRoom(ring: Ring, size: number, nowSeconds: number): void {
    if (ring === this.#small) {
      while (!ring.fits(size)) this.#shiftSmall(nowSeconds);
      return;
    }
    let spared = 0;
    while (!ring.fits(size)) {
      this.#mainWasFull = true;
      if (this.#shiftMain(nowSeconds, spared < MAX_SPARED)) spared++;
    }
  }

  #evictOne(nowSeconds: number): void {
    this.#mainWasFull = true;
    if (!this.#small.isEmpty) this.#shiftSmall(nowSeconds);
    else this.#shiftMain(nowSeconds, false);
  }

  /** Takes the oldest of the small ring on to main if it was asked for again, else out. */
  #shiftSmall(nowSeconds: number): void {
    const { memory } = this;
    const at = this.#small.oldest;
    if (memory.kind(at) === KIND.GONE) {
      this.#small.shift();
      return;
    }
    const isOver = this.#isOver(at, nowSeconds);
    if (!isOver && memory.frequency(at) > 0) {
      this.#makeRoom(this.#main, memory.size(at), nowSeconds);
      this.#small.shift();
      this.#moveToMain(at, 0);
      return;
    }
    if (!isOver) this.#ghosts.add(memory.hash(at));
    this.remove(at);
    this.#counters.evicted++;
    this.#small.shift();
  }

  /** @returns whether the oldest of main was spared for having been asked for, and is now the youngest. */
  #shiftMain(nowSeconds: number, maySpare: boolean): boolean {
    const { memory } = this;
    const at = this.#main.oldest;
    if (memory.kind(at) === KIND.GONE) {
      this.#main.shift();
      return false;
    }
    const frequency = memory.frequency(at);
    if (maySpare && frequency > 0 && !this.#isOver(at, nowSeconds)) {
      this.#main.shift();
      this.#moveToMain(at, frequency - 1);
      return true;
    }
    this.remove(at);
    this.#counters.evicted++;
    this.#main.shift();
    return false;
  }

  /** Copies an entry that was just taken from its ring; the two places may overlap. */
  #moveToMain(from: number, frequency: number): void {
    const { memory } = this;
    const size = memory.size(from);
    const hash = memory.hash(from);
    const to = this.#main.push(size);
    memory.words.copyWithin(to, from, from + size);
    memory.setFrequency(to, frequency);
    this.#index.move(hash, from, to);
  }

  /** Whether an entry is of no use any more, not even after a failure. */
  #isOver(at: number, nowSeconds: number): boolean {
    const { memory } = this;
    if (memory.kind(at) === KIND.UNREAD) return false;
    const grace = memory.kind(at) === KIND.FAILURE ? memory.delay(at) : this.#staleSeconds;
    return nowSeconds >= memory.expires(at) + grace;
  }
}
