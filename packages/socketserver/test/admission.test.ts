import { describe, expect, it } from 'vitest';
import { concurrent, OptionError, SERVER_LIMITS, Semaphore, sequential } from '../src/index.ts';
import { checkedLimit } from '../src/limits.ts';
import { echoTcpServer, echoUdpServer } from './echo.ts';

describe('admission', () => {
  it('is a value', () => {
    expect(sequential()).toEqual({ max: 1, backlog: 128 });
    expect(sequential({ backlog: 5 })).toEqual({ max: 1, backlog: 5 });
    expect(concurrent({ max: 7 })).toEqual({ max: 7, backlog: 0 });
  });

  it('refuses numbers out of range', () => {
    expect(() => concurrent({ max: 0 })).toThrow(OptionError);
    expect(() => sequential({ backlog: -1 })).toThrow(
      'backlog is -1; it must be an integer from 0 to 1000000',
    );
  });
});

describe('SERVER_LIMITS', () => {
  it.each(Object.entries(SERVER_LIMITS))('%s has its default in its range', (_name, limit) => {
    expect(limit.default).toBeGreaterThanOrEqual(limit.min);
    expect(limit.default).toBeLessThanOrEqual(limit.max);
  });

  it('are checked when a server is made', () => {
    expect(() => echoTcpServer({ idleTimeoutMs: -1 })).toThrow(OptionError);
    expect(() => echoUdpServer({ receiveBufferBytes: 0.5 })).toThrow(OptionError);
    expect(checkedLimit('lingerMs', undefined)).toBe(SERVER_LIMITS.lingerMs.default);
  });
});

describe('Semaphore', () => {
  it('gives places in the order in which they were asked for', async () => {
    const semaphore = new Semaphore(1);
    const order: number[] = [];
    expect(semaphore.tryAcquire()).toBe(true);
    const waiting = [1, 2].map((name) => semaphore.acquire().then(() => order.push(name)));
    semaphore.release();
    expect(semaphore.tryAcquire()).toBe(false);
    await waiting[0];
    expect(order).toEqual([1]);
    semaphore.release();
    await waiting[1];
    semaphore.release();
    expect([order, semaphore.taken]).toEqual([[1, 2], 0]);
    await semaphore.acquire();
    expect(semaphore.taken).toBe(1);
  });
});
