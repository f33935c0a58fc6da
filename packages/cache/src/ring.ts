/** A queue of entries of different sizes in a fixed piece of memory, oldest first. */
import type { EntryMemory } from './entry.ts';

export class Ring {
  readonly #memory: EntryMemory;
  readonly #start: number;
  readonly #end: number;
  #tail: number;
  #head: number;
  #used = 0;

  /** @param start first word of the piece; `end` the word behind it. */
  constructor(memory: EntryMemory, start: number, end: number) {
    this.#memory = memory;
    this.#start = start;
    this.#end = end;
    this.#tail = start;
    this.#head = start;
  }

  /** Words of the piece. */
  get capacity(): number {
    return this.#end - this.#start;
  }

  get isEmpty(): boolean {
    return this.#used === 0;
  }

  contains(at: number): boolean {
    return at >= this.#start && at < this.#end;
  }

  /** Whether an entry of so many words could be pushed now. */
  fits(size: number): boolean {
    if (this.#used === 0) return size <= this.capacity;
    if (this.#head > this.#tail) return size <= this.#end - this.#head || size <= this.#tail - this.#start;
    return size <= this.#tail - this.#head;
  }

  /**
   * Takes room at the young end, which must fit. What lies there is not changed, but for a gap at the end of the piece
   * when the room is taken from its start.
   *
   * @returns its position.
   */
  push(size: number): number {
    if (this.#used === 0) {
      this.#tail = this.#start;
      this.#head = this.#start;
    } else if (this.#head > this.#tail && size > this.#end - this.#head) {
      const gap = this.#end - this.#head;
      if (gap > 0) this.#memory.writeGap(this.#head, gap);
      this.#used += gap;
      this.#head = this.#start;
    }
    const at = this.#head;
    this.#head += size;
    this.#used += size;
    return at;
  }

  /** Position of the oldest entry or gap. The ring must not be empty. */
  get oldest(): number {
    return this.#tail;
  }

  /** Lets go of the oldest entry or gap; its words stay as they are until they are pushed over. */
  shift(): void {
    const size = this.#memory.size(this.#tail);
    this.#tail += size;
    this.#used -= size;
    if (this.#tail === this.#end) this.#tail = this.#start;
  }

  /** Calls `visit` with every entry and gap, oldest first. */
  forEach(visit: (at: number) => void): void {
    let at = this.#tail;
    let seen = 0;
    while (seen < this.#used) {
      if (at === this.#end) at = this.#start;
      const size = this.#memory.size(at);
      visit(at);
      seen += size;
      at += size;
    }
  }
}
