import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ExpiryQueue } from '../src/expiry-queue.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('ExpiryQueue', () => {
  it('lets each item expire when its time since the last refresh is over', () => {
    const expired: string[] = [];
    const queue = new ExpiryQueue<string>(100, (item) => expired.push(item));
    queue.add('a');
    vi.advanceTimersByTime(60);
    queue.add('b');
    queue.add('a');
    queue.add('c');
    queue.delete('c');
    vi.advanceTimersByTime(99);
    expect(expired).toEqual([]);
    vi.advanceTimersByTime(2);
    expect(expired).toEqual(['b', 'a']);
    expect(queue.size).toBe(0);
  });

  it('uses one timer for all and none when it is empty', () => {
    const queue = new ExpiryQueue<number>(100, () => {});
    for (let i = 0; i < 50; i++) queue.add(i);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(102);
    expect(vi.getTimerCount()).toBe(0);
    queue.add(1);
    queue.clear();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('with a time of 0 keeps the order and never expires', () => {
    const queue = new ExpiryQueue<string>(0, () => expect.unreachable());
    for (const item of ['a', 'b', 'c', 'a']) queue.add(item);
    vi.advanceTimersByTime(1_000_000);
    expect([queue.oldest(), queue.oldest((item) => item !== 'b')]).toEqual(['b', 'c']);
  });

  it('lets an item be added again while it expires', () => {
    let times = 0;
    const queue: ExpiryQueue<string> = new ExpiryQueue(100, (item) => {
      times += 1;
      if (times < 3) queue.add(item);
    });
    queue.add('a');
    vi.advanceTimersByTime(1_000);
    expect(times).toBe(3);
  });
});
