import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSharedCache, type RedisSharedCache, type SharedCacheOptions } from '../src/index.ts';
import { isSkipped, RedisServer } from './redis-server.ts';

/** Waits until what is said is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

const KEY = Buffer.from([3, 0xff, 0, 0x0a]);
const VALUE = Buffer.from([0, 1, 0xfe, 0x0d, 0x0a]);

describe.skipIf(isSkipped)('the shared cache', () => {
  let server: RedisServer;
  let opened: RedisSharedCache[] = [];
  beforeEach(async () => {
    server = new RedisServer();
    await server.start();
  });
  afterEach(async () => {
    for (const cache of opened) cache.close();
    opened = [];
    await server.close();
  });

  async function open(options: Partial<SharedCacheOptions> = {}): Promise<RedisSharedCache> {
    const cache = createSharedCache({ url: server.url, ...options });
    opened.push(cache);
    await until(() => cache.isReady);
    return cache;
  }

  it('gives one forwarder what another has stored, octet for octet, with the time that is left', async () => {
    const [one, other] = [
      await open({ limits: { deadlineMs: 1_000 } }),
      await open({ limits: { deadlineMs: 1_000 } }),
    ];
    one.set(KEY, VALUE, 60_000);
    await until(() => one.counters.stored === 1);
    const found = await other.get(KEY);
    expect(found?.value).toEqual(VALUE);
    expect(found?.remainingMs).toBeGreaterThan(50_000);
    expect(found?.remainingMs).toBeLessThanOrEqual(60_000);
    expect(await other.get(Buffer.from('other'))).toBeNull();
    expect(other.counters).toMatchObject({ hits: 1, misses: 1, late: 0, failed: 0 });
  });

  it('keeps its deadline when the server does not answer, and then leaves it alone', async () => {
    const cache = await open({ limits: { deadlineMs: 20, maxLate: 3, restMs: 60_000 } });
    server.pause();
    const begunMs = performance.now();
    expect(await Promise.all([cache.get(KEY), cache.get(KEY), cache.get(KEY)])).toEqual([null, null, null]);
    expect(performance.now() - begunMs).toBeLessThan(500);
    expect(cache.counters.late).toBe(3);
    expect(cache.isReady).toBe(false);
    server.resume();
  });

  it('gives up a connection on which nothing comes, and opens another', async () => {
    let ups = 0;
    const cache = await open({
      limits: { deadlineMs: 1, maxLate: 1, restMs: 10, stallMs: 100 },
      observer: { onUp: () => ups++, onDown: () => undefined },
    });
    server.pause();
    const begunMs = performance.now();
    while (performance.now() - begunMs < 150) {
      await cache.get(KEY);
      await turn();
    }
    server.resume();
    await until(() => ups > 1 && cache.isReady);
    cache.set(KEY, VALUE, 60_000);
    await until(() => cache.counters.stored === 1);
  });

  it('is not asked and not told while it owes too much', async () => {
    const cache = await open({ limits: { deadlineMs: 20, maxPending: 4, maxLate: 1_000 } });
    server.pause();
    for (let i = 0; i < 10; i++) cache.set(KEY, VALUE, 60_000);
    expect(cache.counters.dropped).toBe(6);
    expect(cache.isReady).toBe(false);
    expect(await cache.get(KEY)).toBeNull();
    server.resume();
    await until(() => cache.counters.stored === 4);
    expect(cache.isReady).toBe(true);
  });

  it('is back after the server was killed and started again under load, and no question is left open', async () => {
    const events: string[] = [];
    const cache = await open({
      limits: { deadlineMs: 50, maxReconnectMs: 50 },
      observer: { onUp: () => events.push('up'), onDown: () => events.push('down') },
    });
    let isLoaded = true;
    let asked = 0;
    let answered = 0;
    let longestMs = 0;
    const load = (async () => {
      while (isLoaded) {
        const begunMs = performance.now();
        const batch = Array.from({ length: 20 }, (_, i) => cache.get(Buffer.from(`name${i}`)));
        for (let i = 0; i < 20; i++) cache.set(Buffer.from(`name${i}`), VALUE, 60_000);
        asked += batch.length;
        answered += (await Promise.all(batch)).length;
        longestMs = Math.max(longestMs, performance.now() - begunMs);
        await turn();
      }
    })();
    await until(() => cache.counters.hits > 500);
    await server.kill();
    await until(() => events.includes('down'));
    await server.start();
    const { hits } = cache.counters;
    await until(() => cache.counters.hits > hits + 500);
    isLoaded = false;
    await load;
    expect(answered).toBe(asked);
    expect(longestMs).toBeLessThan(1_000);
    expect(events).toEqual(['up', 'down', 'up']);
  });
});

describe('without a server', () => {
  it('is not ready, says so once, and holds nobody up', async () => {
    let downs = 0;
    const cache = createSharedCache({
      url: 'unix:///nonexistent/tridot.socket',
      limits: { maxReconnectMs: 50 },
      observer: { onUp: () => undefined, onDown: () => downs++ },
    });
    await until(() => downs > 0);
    expect(cache.isReady).toBe(false);
    expect(await cache.get(KEY)).toBeNull();
    cache.set(KEY, VALUE, 1_000);
    expect(cache.counters).toMatchObject({ dropped: 1, failed: 0 });
    cache.close();
    cache.close();
    expect(downs).toBe(1);
  });
});
