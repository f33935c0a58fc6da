import { setTimeout as delay } from 'node:timers/promises';
import { createUdpClient, decodeName, query, rcodeOf, startUpstream, type UdpClient } from '@tridot/testbed';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isSkipped, RedisServer } from '../../packages/shared-cache/test/redis-server.ts';
import { AUTH_NAME, startForwarder, testCa, upstreamFlags } from '../programs/servers.ts';

/** How long a miss may wait for Redis. */
const DEADLINE_MS = 20;
/** For the upstream's answer, on a machine that does other things too; without the deadline a query would wait for ever. */
const UPSTREAM_MS = 400;
const INTERVAL_MS = 4;
const PATIENCE = { timeoutMs: 5_000 };

interface Asked {
  readonly tookMs: number;
  readonly rcode: number;
}

/** Asks one forwarder for a new name and then the other for the same, which finds it in Redis or not. */
class SteadyLoad {
  readonly asked: Asked[] = [];
  readonly lost: unknown[] = [];
  readonly #clients: readonly UdpClient[];
  readonly #names: Promise<void>[] = [];
  readonly #running: Promise<void>;
  #isOver = false;

  constructor(clients: readonly UdpClient[]) {
    this.#clients = clients;
    this.#running = this.#run();
  }

  /** The next names, once both have answered each. */
  async next(count: number): Promise<string[]> {
    const first = this.#names.length;
    while (this.#names.length < first + count) await delay(INTERVAL_MS);
    await Promise.all(this.#names.slice(first, first + count));
    return Array.from({ length: count }, (_, index) => nameOf(first + index));
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#running;
    await Promise.all(this.#names);
  }

  /** At a rate of its own: what is slow does not hold up what comes after it. */
  async #run(): Promise<void> {
    while (!this.#isOver) {
      this.#names.push(this.#askBoth(this.#names.length));
      await delay(INTERVAL_MS);
    }
  }

  async #askBoth(number: number): Promise<void> {
    for (const client of this.#clients) {
      const atMs = performance.now();
      try {
        const reply = await client.ask(query({ name: nameOf(number), id: number }), PATIENCE);
        this.asked.push({ tookMs: performance.now() - atMs, rcode: rcodeOf(reply) });
      } catch (error) {
        this.lost.push(error);
      }
    }
  }
}

const nameOf = (number: number) => `token-${number}.example.com`;

describe.skipIf(isSkipped).each(['raw', 'framework', 'library'])('%s and its shared cache', (strategy) => {
  it('loses no query and holds none up when Redis hangs, is killed and comes again', async () => {
    const redis = new RedisServer();
    await redis.start();
    onTestFinished(() => redis.close());
    const upstream = await startUpstream({ ca: await testCa(), authName: AUTH_NAME });
    onTestFinished(() => upstream.close());
    const clients = await Promise.all(
      ['first', 'second'].map(async () => {
        const flags = ['--shared-cache', redis.url, '--shared-cache-deadline-ms', String(DEADLINE_MS)];
        const { port } = await startForwarder(strategy, ...(await upstreamFlags(upstream.port)), ...flags);
        const client = await createUdpClient({ address: '127.0.0.1', port });
        onTestFinished(() => client.close());
        return client;
      }),
    );
    const load = new SteadyLoad(clients);
    onTestFinished(() => load.end());
    /** How many of the next 50 names came to the upstream once instead of twice: Redis had the answer. */
    const hitsAmongNext = async () => {
      const names = await load.next(50);
      const atUpstream = upstream.journal.queries.map(({ bytes }) => decodeName(bytes.subarray(12)));
      return names.filter((name) => atUpstream.filter((each) => each === `${name}.`).length === 1).length;
    };
    const untilHits = async () => {
      while ((await hitsAmongNext()) < 10);
    };

    await untilHits();
    redis.pause();
    await load.next(50);
    await redis.kill();
    expect(await hitsAmongNext()).toBe(0);
    await redis.start();
    await untilHits();
    await load.end();

    expect(load.lost).toEqual([]);
    expect(load.asked.filter(({ rcode }) => rcode !== 0)).toEqual([]);
    expect(Math.max(...load.asked.map(({ tookMs }) => tookMs))).toBeLessThan(DEADLINE_MS + UPSTREAM_MS);
  });
});
