import { describe, expect, it } from 'vitest';
import { type Batch, EMPTY_BATCH } from '../src/batch.ts';
import { generateBatch } from '../src/generate.ts';
import { shrink } from '../src/shrink.ts';

const PLENTY = { maxRuns: 100_000, maxMs: 10_000 };

describe('shrinking', () => {
  it('finds the one datagram, and in it the octets that matter', async () => {
    const needle = Buffer.from('needle');
    const haystack = Buffer.concat([Buffer.alloc(100, 1), needle, Buffer.alloc(50, 2)]);
    const { datagrams } = generateBatch(1, 1, 'client');
    const batch: Batch = { ...generateBatch(1, 1, 'client'), datagrams: [...datagrams, haystack] };
    const smallest = await shrink(batch, {
      ...PLENTY,
      fails: async (candidate) => candidate.datagrams.some((datagram) => datagram.includes(needle)),
    });
    expect(smallest).toEqual({ ...EMPTY_BATCH, datagrams: [needle] });
  });

  it('joins chunks that need not be apart and keeps frames whole', async () => {
    const frame = Buffer.from('0003616263', 'hex');
    const batch: Batch = {
      ...EMPTY_BATCH,
      setting: 'tight',
      streams: [{ chunks: [frame, frame.subarray(0, 3), frame.subarray(3), frame], ending: 'reset' }],
    };
    const smallest = await shrink(batch, {
      ...PLENTY,
      fails: async ({ streams }) => streams.some(({ chunks }) => Buffer.concat(chunks).includes('c')),
    });
    expect(smallest.streams).toEqual([{ chunks: [Buffer.from('000163', 'hex')], ending: 'half-close' }]);
    expect(smallest.setting).toBe('usual');
  });

  it('gives back what it was given when nothing smaller fails', async () => {
    const batch = generateBatch(1, 1, 'upstream');
    expect(await shrink(batch, { ...PLENTY, maxRuns: 50, fails: async () => false })).toBe(batch);
  });
});
