/**
 * HalfSipHash-1-3 over 32-bit words. Names are chosen by whoever asks, so the hash is keyed: without the key nobody can
 * choose names that fall into one place of the index.
 *
 * https://www.aumasson.jp/siphash/siphash.pdf
 */
import { randomBytes } from 'node:crypto';

const INIT_2 = 0x6c796765;
const INIT_3 = 0x74656462;
const FINAL = 0xff;

/** A hash with its own secret key. */
export class HalfSipHash {
  readonly #key0: number;
  readonly #key1: number;

  /** @param key eight octets; random unless given. */
  constructor(key: Buffer = randomBytes(8)) {
    this.#key0 = key.readInt32LE(0);
    this.#key1 = key.readInt32LE(4);
  }

  /** Hashes words [0, count) and says a signed 32-bit integer, never 0. */
  hash(words: Int32Array, count: number): number {
    let v0 = this.#key0;
    let v1 = this.#key1;
    let v2 = INIT_2 ^ v0;
    let v3 = INIT_3 ^ v1;
    for (let i = 0; i < count + 4; i++) {
      // One round for each word, then one to close the message and three to finish.
      const word = i < count ? (words[i] ?? 0) : i === count ? count << 26 : 0;
      if (i === count + 1) v2 ^= FINAL;
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    return v1 ^ v3 || 1;
  }
}
