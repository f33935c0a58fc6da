import { seededRandom } from '@tridot/testbed';

/** Chance that is the same for the same seed: every choice of the fuzzer is made here. */
export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** A whole number from 0 to `below` - 1; 0 when there is none. */
  below(below: number): number {
    return Math.floor(this.#random() * below);
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  /** True `share` of the time, 0 to 1. */
  chance(share: number): boolean {
    return this.#random() < share;
  }

  /** @throws {RangeError} when there is nothing to pick from. */
  pick<T>(from: readonly T[]): T {
    const picked = from[this.below(from.length)];
    if (picked === undefined) throw new RangeError('nothing to pick from');
    return picked;
  }

  /** Some of them, in order, each with the same chance. */
  some<T>(from: readonly T[], share = 0.5): T[] {
    return from.filter(() => this.chance(share));
  }

  octets(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.below(256)));
  }

  uint16(): number {
    return this.below(0x1_0000);
  }
}

/** One seed for each iteration of a run, so that any of them can be made again without those before it. */
export function seedOf(runSeed: number, iteration: number): number {
  const mixed = Math.imul(runSeed ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(iteration + 1, 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
