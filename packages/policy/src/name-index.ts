/** A set of names in three flat arrays: no object for each name, nothing for the garbage collector to walk. */
import type { ScannedName } from './scanned-name.ts';

/** The bit of an offset that says that everything below the name belongs to it. */
export const BELOW_BIT = 0x8000_0000;
const OFFSET_MASK = 0x7fff_ffff;
const TWO_TO_32 = 0x1_0000_0000;
/** Names of this many labels and more share one bit of a depth mask. */
const DEEPEST = 31;

/** Slots for so many names: three quarters are taken at most, so that a chain of taken slots stays short. */
export function slotsFor(names: number): number {
  return Math.ceil((names * 4) / 3) + 1;
}

/** First slot to look at: the high bits of the hash choose it, whatever the number of slots. */
export function firstSlot(hash: number, slots: number): number {
  return Math.floor((hash * slots) / TWO_TO_32);
}

/** Eight other bits of the hash, kept beside the slot so that the name's octets are seldom looked at in vain. 0: free. */
export function tagOf(hash: number): number {
  return hash & 0xff || 1;
}

/** The bit of a depth mask that stands for names of so many labels. */
export function depthBit(labels: number): number {
  return 1 << Math.min(labels, DEEPEST);
}

/** The parts of an index, as its builder leaves them. */
export interface IndexParts {
  /** Names in lower case, one behind the other, root labels included. */
  readonly arena: Uint8Array;
  /** For each slot eight bits of the hash; 0 when it is free. */
  readonly tags: Uint8Array;
  /** For each slot where in the arena its name lies, and {@link BELOW_BIT}. */
  readonly offsets: Uint32Array;
  readonly names: number;
  /** Of how many labels its names are. */
  readonly depths: number;
  /** Of how many labels those are that stand for everything below as well. */
  readonly belowDepths: number;
}

/**
 * An unchanging set of names, looked up by the octets of a query. A name is found only if all its octets are equal: the
 * hash decides where to look, never what is there.
 */
export class NameIndex {
  readonly names: number;
  /** Memory it takes, in octets. */
  readonly memoryBytes: number;
  /** Number of slots; {@link find} returns numbers below it. */
  readonly slots: number;
  readonly #arena: Uint8Array;
  readonly #tags: Uint8Array;
  readonly #offsets: Uint32Array;
  readonly #depths: number;
  readonly #belowDepths: number;

  constructor(parts: IndexParts) {
    this.names = parts.names;
    this.slots = parts.tags.length;
    this.memoryBytes = parts.arena.length + parts.tags.byteLength + parts.offsets.byteLength;
    this.#arena = parts.arena;
    this.#tags = parts.tags;
    this.#offsets = parts.offsets;
    this.#depths = parts.depths;
    this.#belowDepths = parts.belowDepths;
  }

  /**
   * Whether a name is listed, or lies below one that stands for everything below.
   *
   * @returns the label of `name` with which the listed name begins: 0 for the name itself; -1 when it is not covered.
   */
  covering(name: ScannedName): number {
    const { labels } = name;
    const below = this.#belowDepths;
    if (below !== 0) {
      for (let label = labels - 1; label > 0; label--) {
        if ((below & depthBit(labels - label)) === 0) continue;
        const slot = this.find(name, label);
        if (slot !== -1 && (this.#offsets[slot] ?? 0) >= BELOW_BIT) return label;
      }
    }
    if (labels === 0 || (this.#depths & depthBit(labels)) === 0) return -1;
    return this.find(name, 0) === -1 ? -1 : 0;
  }

  /** The slot of the suffix of `name` that begins with `label`, or -1. */
  find(name: ScannedName, label: number): number {
    const tags = this.#tags;
    const slots = tags.length;
    if (slots === 0) return -1;
    const hash = name.hashes[label] ?? 0;
    const tag = tagOf(hash);
    let slot = firstSlot(hash, slots);
    for (;;) {
      const found = tags[slot];
      if (found === 0) return -1;
      if (found === tag && this.#holds(slot, name, label)) return slot;
      slot = slot + 1 === slots ? 0 : slot + 1;
    }
  }

  #holds(slot: number, name: ScannedName, label: number): boolean {
    const arena = this.#arena;
    const { octets, end } = name;
    let at = (this.#offsets[slot] ?? 0) & OFFSET_MASK;
    // Length octets and the root label are compared as well, so equal octets are equal names.
    for (let i = name.starts[label] ?? 0; i < end; i++, at++) if (arena[at] !== octets[i]) return false;
    return true;
  }
}

export const EMPTY_INDEX = new NameIndex({
  arena: new Uint8Array(0),
  tags: new Uint8Array(0),
  offsets: new Uint32Array(0),
  names: 0,
  depths: 0,
  belowDepths: 0,
});
