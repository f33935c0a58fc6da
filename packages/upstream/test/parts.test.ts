import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Backoff } from '../src/backoff.ts';
import { DeadlineQueue, type Expiring } from '../src/deadlines.ts';
import { createHostResolver } from '../src/host-resolver.ts';
import { identityOf } from '../src/identity.ts';
import { IdleWindow } from '../src/idle-window.ts';
import { UPSTREAM_LIMITS } from '../src/limits.ts';
import { createMessageIds } from '../src/message-ids.ts';
import { QueryBudget } from '../src/query-budget.ts';
import { dial } from '../src/tls-dial.ts';
import { trustOf } from '../src/trust.ts';
import { sharedCa } from './stage.ts';

describe('UPSTREAM_LIMITS', () => {
  it.each(Object.entries(UPSTREAM_LIMITS))(
    '%s has its default within its range, and a reason',
    (_name, limit) => {
      expect(limit.default).toBeGreaterThanOrEqual(limit.min);
      expect(limit.default).toBeLessThanOrEqual(limit.max);
      expect(limit.why).toMatch(/\.$/);
    },
  );
});

describe('createMessageIds', () => {
  it('skips IDs that are in use and goes on when the pool is empty', () => {
    let fills = 0;
    const ids = createMessageIds((pool) => {
      for (let index = 0; index < pool.length; index++) pool[index] = index + fills;
      fills++;
    });
    const taken = new Set([0, 1, 2]);
    expect(ids.next(taken)).toBe(3);
    for (let count = 0; count < 5_000; count++) taken.add(ids.next(taken));
    expect(taken.size).toBe(5_003);
    expect(fills).toBeGreaterThan(1);
  });

  it('finds the last free one', () => {
    const taken = new Set(Array.from({ length: 65_536 }, (_, id) => id));
    taken.delete(4_711);
    expect(createMessageIds().next(taken)).toBe(4_711);
  });
});

class Entry implements Expiring<Entry> {
  readonly deadlineMs: number;
  earlier: Entry | null = null;
  later: Entry | null = null;

  constructor(deadlineMs: number) {
    this.deadlineMs = deadlineMs;
  }
}

describe('DeadlineQueue', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('expires what was not removed, in order of deadline, with one timer', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 500 }), fc.boolean())), (plan) => {
        const startMs = performance.now();
        const expired: number[] = [];
        const queue = new DeadlineQueue<Entry>(({ deadlineMs }) => {
          expect(performance.now()).toBeGreaterThanOrEqual(deadlineMs - 1);
          expired.push(deadlineMs - startMs);
        });
        const entries = plan.map(([afterMs]) => new Entry(startMs + afterMs));
        for (const entry of entries) queue.add(entry);
        expect(vi.getTimerCount()).toBe(plan.length > 0 ? 1 : 0);
        entries.forEach((entry, index) => {
          if (plan[index]?.[1]) queue.remove(entry);
        });
        vi.advanceTimersByTime(1_000);
        const kept = plan.filter(([, removed]) => !removed).map(([afterMs]) => afterMs);
        expect(expired.map(Math.round)).toEqual(kept.sort((a, b) => a - b));
        expect(queue.size).toBe(0);
        expect(queue.first).toBe(null);
        expect(vi.getTimerCount()).toBe(0);
      }),
    );
  });

  it('keeps no timer once it is stopped', () => {
    const queue = new DeadlineQueue<Entry>(() => {});
    queue.add(new Entry(performance.now() + 10));
    queue.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('Backoff', () => {
  const limits = { backoffMinMs: 250, backoffMaxMs: 5_000 };

  it('doubles up to its limit, only ever shortened by chance, and starts anew after a success', () => {
    const longest = new Backoff(limits, () => 0);
    const pauses = Array.from({ length: 7 }, () => {
      longest.failed(0);
      return longest.untilMs;
    });
    expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
    longest.succeeded();
    expect([longest.failures, longest.untilMs]).toEqual([0, 0]);
    const shortest = new Backoff(limits, () => 1);
    shortest.failed(1_000);
    expect(shortest.untilMs).toBe(1_187.5);
  });
});

describe('IdleWindow', () => {
  it('stays below what the server was seen or said to do', () => {
    const seen = new IdleWindow(8_000);
    seen.closedByServer(1_000);
    seen.closedByServer(3_000);
    expect(seen.ms).toBe(800);
    const said = new IdleWindow(8_000);
    said.announced(2_000);
    expect(said.ms).toBe(1_600);
    said.announced(999_900);
    expect(said.ms).toBe(8_000);
  });

  it('learns nothing from a server that closes after an answer, and tries more after a while', () => {
    const window = new IdleWindow(8_000);
    window.closedByServer(50);
    expect(window.ms).toBe(8_000);
    window.closedByServer(1_000);
    for (let count = 0; count < 8; count++) window.closedByUs();
    expect(window.ms).toBe(1_000);
  });
});

describe('QueryBudget', () => {
  it('is learned when much was lost, and lifted when a connection outlives it', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const budget = new QueryBudget(resolve);
    budget.closedEarly(1_000, 50);
    budget.closedEarly(0, 50);
    expect(budget.queries).toBe(Number.POSITIVE_INFINITY);
    budget.closedEarly(1, 49);
    expect(budget.queries).toBe(1);
    budget.doubt();
    await promise;
    expect(budget.queries).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('createHostResolver', () => {
  it('asks the system once at a time, and falls back on what it knew', () => {
    const asked: ((error: Error | null, addresses: { address: string; family: number }[]) => void)[] = [];
    const resolve = createHostResolver('dns.example.com', (_host, done) => asked.push(done));
    const found: string[] = [];
    const note = (error: Error | null, addresses: { address: string }[]) => {
      found.push(error?.message ?? addresses.map(({ address }) => address).join());
    };
    resolve(note);
    resolve(note);
    expect(asked).toHaveLength(1);
    asked[0]?.(new Error('no such host'), []);
    expect(found).toEqual(['no such host', 'no such host']);
    resolve(note);
    asked[1]?.(null, [{ address: '192.0.2.1', family: 4 }]);
    resolve(note);
    resolve(note);
    expect(found.slice(2)).toEqual(['192.0.2.1', '192.0.2.1']);
    asked[2]?.(new Error('timed out'), []);
    expect(found.at(-1)).toBe('192.0.2.1');
  });

  it('does not ask for an address', () => {
    const resolve = createHostResolver('2001:db8::1', () => expect.unreachable());
    resolve((error, addresses) =>
      expect([error, addresses]).toEqual([null, [{ address: '2001:db8::1', family: 6 }]]),
    );
  });
});

describe('dial', () => {
  it('gives up when the host name is not resolved in time', async () => {
    const error = await new Promise((resolve) => {
      dial(
        {
          name: 'x',
          host: 'dns.example.com',
          port: 853,
          expected: { identity: { name: 'dns.example.com' }, chain: true, pins: [], required: true },
          sni: true,
          context: trustOf({ ca: undefined, tls13Only: false }).context,
          resolveHost: () => {},
        },
        undefined,
        { connectTimeoutMs: 30, handshakeTimeoutMs: 30 },
        { onDone: resolve, onTicket() {}, onClosed() {} },
      );
    });
    expect(String(error)).toMatch(/upstream x: no connection within 30 ms \(dial\)/);
  });
});

describe('identityOf', () => {
  it.each([
    ['192.0.2.1', undefined, { address: '192.0.2.1' }],
    ['2001:db8::1', undefined, { address: '2001:db8::1' }],
    ['fe80::1%eth0', undefined, { address: 'fe80::1' }],
    ['192.0.2.1', 'dns.example.com.', { name: 'dns.example.com' }],
    ['dns.example.com', undefined, { name: 'dns.example.com' }],
  ])('%s with name %s', (host, authName, identity) => {
    expect(identityOf(host, authName)).toEqual(identity);
  });
});

describe('trustOf', () => {
  it('makes one context for equal anchors and versions', async () => {
    const { pem: ca } = await sharedCa();
    const trust = trustOf({ ca, tls13Only: false });
    expect(trustOf({ ca, tls13Only: false })).toBe(trust);
    expect(trustOf({ ca, tls13Only: true }).key).not.toBe(trust.key);
    expect(trustOf({ ca: undefined, tls13Only: false }).key).not.toBe(trust.key);
  });
});
