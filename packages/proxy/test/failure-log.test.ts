import { UpstreamError } from '@tridot/upstream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFailureLog } from '../src/logging/failure-log.ts';
import { type Logger, SILENT_LOGGER } from '../src/logging/log.ts';
import { createRepeatedCauses } from '../src/logging/repeated-causes.ts';

describe('createFailureLog', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function subject() {
    const lines: string[] = [];
    const at =
      (level: string) =>
      (_fields: unknown, text: string): void =>
        void lines.push(`${level}: ${text}`);
    const logger: Logger = { ...SILENT_LOGGER, info: at('info'), warn: at('warn'), error: at('error') };
    return { lines, log: createFailureLog(logger, 10_000) };
  }

  const refused = () =>
    new UpstreamError('ERR_UPSTREAM_UNREACHABLE', 'connection refused', { upstream: 'a', phase: 'dial' });

  it('tells a cause at once, and then how often it came again', () => {
    const { lines, log } = subject();
    for (let i = 0; i < 38; i++) log.observer.dialFailed?.(refused());
    const [first] = lines;
    expect(first).toMatch(/^warn: upstream a: connection refused/);
    expect(lines).toHaveLength(1);
    vi.advanceTimersByTime(10_000);
    expect(lines).toEqual([first, `${first} … 37 more like this`]);
    vi.advanceTimersByTime(60_000);
    expect(lines).toHaveLength(2);
    log.observer.dialFailed?.(refused());
    expect(lines[2]).toBe(first);
  });

  it('takes the same failure for the same cause, however old the connection was', () => {
    const { lines, log } = subject();
    for (const connectionAgeMs of [5, 70]) {
      const circumstances = { upstream: 'a', phase: 'wait', connectionAgeMs } as const;
      log.queryFailed(new UpstreamError('ERR_UPSTREAM_TIMEOUT', 'no answer', circumstances));
    }
    expect(lines).toHaveLength(1);
  });

  it('tells when a server that failed is reached again', () => {
    const { lines, log } = subject();
    const opened = { upstream: 'a', connectMs: 2, handshakeMs: 3, resumed: false, protocol: 'TLSv1.3' };
    log.observer.connectionOpened?.(opened);
    expect(lines).toEqual([]);
    log.observer.dialFailed?.(refused());
    log.observer.connectionOpened?.(opened);
    expect(lines[1]).toBe('info: upstream a: reached again (TLSv1.3, 5 ms)');
  });

  it('tells a broken connection, and not one that was idle', () => {
    const { lines, log } = subject();
    const closed = {
      upstream: 'a',
      ageMs: 90,
      sent: 3,
      answered: 2,
      lost: 1,
      cause: new Error('read\nECONNRESET'),
    };
    log.observer.connectionClosed?.({ ...closed, reason: 'idle' });
    log.observer.connectionClosed?.({ ...closed, reason: 'error' });
    expect(lines).toEqual([
      'warn: upstream a: connection closed (error: read\\x0aECONNRESET) after 90 ms, 2 of 3 queries answered, 1 in flight',
    ]);
  });

  it('writes what it has counted when it ends, and keeps no timer', () => {
    const { lines, log } = subject();
    for (let i = 0; i < 3; i++) log.internalError(new Error('oops'));
    log.flush();
    expect(lines).toEqual(['error: internal error: oops', 'error: internal error: oops … 2 more like this']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('remembers a bounded number of causes', () => {
    const causes = createRepeatedCauses(1_000);
    let reports = 0;
    for (let i = 0; i < 10_000; i++) causes.happened(`cause ${i}`, () => reports++);
    expect(reports).toBe(257);
    expect(vi.getTimerCount()).toBe(257);
    causes.flush();
    expect(vi.getTimerCount()).toBe(0);
  });
});
