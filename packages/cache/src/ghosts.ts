/** Remembers which entries were let go lately, by their hashes alone: who comes back soon is worth keeping. */

export class Ghosts {
  readonly #hashes: Int32Array;
  readonly #mask: number;

  /** @param slotCount a power of two; each slot takes four octets. */
  constructor(slotCount: number) {
    this.#hashes = new Int32Array(slotCount);
    this.#mask = slotCount - 1;
  }

  /** Overwrites whoever was in the same slot: the older a memory, the likelier it is gone. */
  add(hash: number): void {
    this.#hashes[(hash >>> 8) & this.#mask] = hash;
  }

  /** Whether the hash was added lately; if so, it is forgotten. */
  take(hash: number): boolean {
    const slot = (hash >>> 8) & this.#mask;
    if (this.#hashes[slot] !== hash) return false;
    this.#hashes[slot] = 0;
    return true;
  }
}
