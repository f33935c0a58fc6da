import { randomBytes } from 'node:crypto';

export interface TokenBucketOptions {
  /** What a bucket gains in a second. */
  readonly perSecond: number;
  /** What a bucket holds at most, and at first. */
  readonly burst: number;
  /** Keys remembered at once, rounded up to a power of two. */
  readonly maxKeys: number;
}

/** Where a key may lie: a full table forgets the stalest of these few, not the stalest of all. */
const WAYS = 4;
const MS_PER_SECOND = 1_000;
const NEVER = Number.NEGATIVE_INFINITY;

/**
 * A token bucket for each key of 64 bits, in a table of fixed size that allocates nothing once it is made. Keys are kept
 * whole, so two never share a bucket. The place of a key depends on a secret, so that nobody can choose keys that push
 * each other out.
 */
export class TokenBuckets {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #setMask: number;
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  readonly #tokens: Float64Array;
  readonly #sinceMs: Float64Array;
  readonly #secret: number;
  readonly #otherSecret: number;

  constructor({ perSecond, burst, maxKeys }: TokenBucketOptions) {
    const size = Math.max(WAYS, 2 ** Math.ceil(Math.log2(maxKeys)));
    const secret = randomBytes(8);
    this.#perMs = perSecond / MS_PER_SECOND;
    this.#burst = burst;
    this.#setMask = size / WAYS - 1;
    this.#high = new Uint32Array(size);
    this.#low = new Uint32Array(size);
    this.#tokens = new Float64Array(size);
    this.#sinceMs = new Float64Array(size).fill(NEVER);
    this.#secret = secret.readInt32LE(0);
    this.#otherSecret = secret.readInt32LE(4);
  }

  /**
   * Takes a token from the bucket of a key, if there is one.
   *
   * @param nowMs a monotonic clock, in milliseconds.
   */
  take(high: number, low: number, nowMs: number): boolean {
    const first = (this.#hash(high, low) & this.#setMask) * WAYS;
    let slot = first;
    let stalestMs = Number.POSITIVE_INFINITY;
    for (let i = first; i < first + WAYS; i++) {
      const sinceMs = this.#sinceMs[i] ?? NEVER;
      if (this.#low[i] === low && this.#high[i] === high && sinceMs !== NEVER)
        return this.#takeFrom(i, sinceMs, nowMs);
      if (sinceMs < stalestMs) {
        stalestMs = sinceMs;
        slot = i;
      }
    }
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#tokens[slot] = this.#burst - 1;
    this.#sinceMs[slot] = nowMs;
    return true;
  }

  #takeFrom(slot: number, sinceMs: number, nowMs: number): boolean {
    const gained = (nowMs - sinceMs) * this.#perMs;
    const tokens = Math.min(this.#burst, (this.#tokens[slot] ?? 0) + gained);
    const enough = tokens >= 1;
    this.#tokens[slot] = enough ? tokens - 1 : tokens;
    this.#sinceMs[slot] = nowMs;
    return enough;
  }

  /** The mixing steps of MurmurHash3. */
  #hash(high: number, low: number): number {
    let hash = Math.imul(high ^ this.#secret, 0xcc9e_2d51);
    hash = Math.imul((hash << 15) | (hash >>> 17), 0x1b87_3593) ^ low ^ this.#otherSecret;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
    return hash ^ (hash >>> 16);
  }
}
