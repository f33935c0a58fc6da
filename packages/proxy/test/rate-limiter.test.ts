import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRateLimiter } from '../src/admission/rate-limiter.ts';
import { TokenBuckets } from '../src/admission/token-buckets.ts';
import { createSettings } from '../src/settings/create-settings.ts';

const DEFAULTS = createSettings().limits.rateLimit;

function limiter(limits: Partial<typeof DEFAULTS>) {
  const made = createRateLimiter({ ...DEFAULTS, queriesPerSecond: 10, burst: 3, ...limits });
  if (made === null) throw new Error('no limiter');
  return made;
}

const times = (count: number, ask: () => boolean): number =>
  Array.from({ length: count }, ask).filter(Boolean).length;

describe('createRateLimiter', () => {
  it('is nothing by default', () => {
    expect(createRateLimiter(DEFAULTS)).toBeNull();
  });

  it('lets a burst through, then the rate', () => {
    const mayAsk = limiter({});
    expect(times(10, () => mayAsk('192.0.2.1', 0))).toBe(3);
    expect(times(10, () => mayAsk('192.0.2.1', 100))).toBe(1);
    expect(times(10, () => mayAsk('192.0.2.1', 150))).toBe(0);
    expect(times(10, () => mayAsk('192.0.2.1', 10_000))).toBe(3);
  });

  it('counts each IPv4 address by itself, or a prefix together', () => {
    const single = limiter({ burst: 1 });
    expect([single('192.0.2.1', 0), single('192.0.2.2', 0), single('::ffff:192.0.2.1', 0)]).toEqual([
      true,
      true,
      false,
    ]);
    const together = limiter({ burst: 1, ipv4PrefixBits: 24 });
    expect([together('192.0.2.1', 0), together('192.0.2.2', 0), together('192.0.3.1', 0)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('counts an IPv6 prefix together', () => {
    const mayAsk = limiter({ burst: 1, ipv6PrefixBits: 56 });
    expect(mayAsk('2001:db8:0:100::1', 0)).toBe(true);
    expect(mayAsk('2001:db8:0:1ff:ffff::2', 0)).toBe(false);
    expect(mayAsk('2001:db8:0:200::1', 0)).toBe(true);
    expect(mayAsk('::1', 0)).toBe(true);
    expect(mayAsk('0.0.0.0', 0)).toBe(true);
  });

  it('refuses what is no address', () => {
    expect(limiter({})('nonsense', 0)).toBe(false);
  });
});

describe('TokenBuckets', () => {
  it('never lets a key have more than its burst and its rate, as long as no other pushes it out', () => {
    const gaps = fc.array(fc.nat({ max: 500 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(
        gaps,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 20 }),
        (gapsMs, perSecond, burst) => {
          const buckets = new TokenBuckets({ perSecond, burst, maxKeys: 64 });
          let nowMs = 0;
          let taken = 0;
          for (const gapMs of gapsMs) {
            nowMs += gapMs;
            if (buckets.take(1, 2, nowMs)) taken++;
          }
          expect(taken).toBeLessThanOrEqual(burst + (nowMs * perSecond) / 1_000);
        },
      ),
    );
  });

  it('forgets the stalest of a full table and keeps who asks all the time', () => {
    const buckets = new TokenBuckets({ perSecond: 1, burst: 1, maxKeys: 4 });
    expect(buckets.take(0, 7, 0)).toBe(true);
    for (let other = 100; other < 200; other++) {
      expect(buckets.take(0, other, other / 1_000)).toBe(true);
      expect(buckets.take(0, 7, other / 1_000)).toBe(false);
    }
  });

  it('keeps its size, whoever asks', () => {
    const buckets = new TokenBuckets({ perSecond: 1, burst: 1, maxKeys: 64 });
    const before = process.memoryUsage().heapUsed;
    for (let key = 0; key < 1_000_000; key++) buckets.take(key, key, 0);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(32 * 1_048_576);
  });

  it('keeps two keys apart that differ in one half', () => {
    const buckets = new TokenBuckets({ perSecond: 1, burst: 1, maxKeys: 4 });
    expect([
      buckets.take(1, 0, 0),
      buckets.take(0, 1, 0),
      buckets.take(1, 1, 0),
      buckets.take(1, 0, 0),
    ]).toEqual([true, true, true, false]);
  });
});
