import { describe, expect, it } from 'vitest';
import { HalfSipHash } from '../src/half-sip-hash.ts';

describe('HalfSipHash', () => {
  const hash = new HalfSipHash(Buffer.from([0, 1, 2, 3, 4, 5, 6, 7]));
  const words = new Int32Array(new Uint8Array(16).map((_, i) => i).buffer);

  // Vectors of HalfSipHash-1-3 with 32 bits of the Linux kernel's lib/test_siphash.c, for whole words.
  it.each([
    [0, 0x5814c896],
    [1, 0x7e059ea6],
    [2, 0x577999b1],
  ])('says what others say of %i words', (count, expected) => {
    expect(hash.hash(words, count) >>> 0).toBe(expected);
  });

  it('has a key of its own', () => {
    const hashes = new Set(Array.from({ length: 8 }, () => new HalfSipHash().hash(words, 4)));
    expect(hashes.size).toBeGreaterThan(1);
  });
});
