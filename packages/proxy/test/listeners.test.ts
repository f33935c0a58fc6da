import { describe, expect, it } from 'vitest';
import { createSettings } from '../src/settings/create-settings.ts';
import { createListeners, type ListenersOptions } from '../src/sockets/listeners.ts';
import { type FakeStrategy, fakeStrategy, systemError } from './fake-strategy.ts';

const LIMITS = createSettings().limits.listener;

const BOTH = [
  { transport: 'udp', address: '127.0.0.1' },
  { transport: 'tcp', address: '127.0.0.1' },
] as const;

function listenersOf(strategy: FakeStrategy, options: Partial<ListenersOptions> = {}) {
  return createListeners({
    strategy,
    handler: () => null,
    groups: [{ port: 53, sockets: BOTH }],
    limits: LIMITS,
    portAttempts: 3,
    onEvent: () => {},
    ...options,
  });
}

describe('createListeners', () => {
  it('binds UDP and TCP of several addresses', async () => {
    const strategy = fakeStrategy();
    const groups = [
      { port: 53, sockets: BOTH },
      { port: 54, sockets: [{ transport: 'tcp', address: '::1' }] },
    ] as const;
    expect(await listenersOf(strategy, { groups }).listen()).toEqual([
      { transport: 'udp', address: '127.0.0.1', port: 53 },
      { transport: 'tcp', address: '127.0.0.1', port: 53 },
      { transport: 'tcp', address: '::1', port: 54 },
    ]);
  });

  it('gives all sockets of a group the port that the system chose for the first', async () => {
    const strategy = fakeStrategy();
    const addresses = await listenersOf(strategy, { groups: [{ port: 0, sockets: BOTH }] }).listen();
    expect(addresses.map(({ port }) => port)).toEqual([40_000, 40_000]);
  });

  it('lets the system choose again when the port it chose is taken for another socket', async () => {
    const strategy = fakeStrategy({
      refuse: ({ port }) => {
        if (port === 40_000) throw systemError('EADDRINUSE');
      },
    });
    const addresses = await listenersOf(strategy, { groups: [{ port: 0, sockets: BOTH }] }).listen();
    expect(addresses.map(({ port }) => port)).toEqual([40_001, 40_001]);
    expect(strategy.bound.size).toBe(2);
  });

  it('gives up when every port that the system chooses is taken', async () => {
    const strategy = fakeStrategy({
      refuse: ({ port }) => {
        if (port !== 0) throw systemError('EADDRINUSE');
      },
    });
    const listening = listenersOf(strategy, { groups: [{ port: 0, sockets: BOTH }] }).listen();
    await expect(listening).rejects.toThrow(
      /^cannot listen on tcp 127\.0\.0\.1:40002: address already in use/,
    );
    expect(strategy.journal.filter((line) => line.startsWith('listen udp'))).toHaveLength(3);
    expect(strategy.bound.size).toBe(0);
  });

  it('leaves nothing bound when one socket cannot be', async () => {
    const strategy = fakeStrategy({
      refuse: ({ transport }) => {
        if (transport === 'tcp') throw systemError('EADDRINUSE');
      },
    });
    await expect(listenersOf(strategy).listen()).rejects.toMatchObject({
      code: 'ERR_BIND',
      transport: 'tcp',
      address: '127.0.0.1:53',
    });
    expect(strategy.bound.size).toBe(0);
  });

  it.each([
    [
      'EACCES',
      'cannot listen on udp 127.0.0.1:53: permission denied (EACCES); a port below 1024 needs the capability CAP_NET_BIND_SERVICE, or choose another with --listen',
    ],
    [
      'EADDRINUSE',
      'cannot listen on udp 127.0.0.1:53: address already in use (EADDRINUSE); stop what listens there, or choose another with --listen',
    ],
    [
      'EADDRNOTAVAIL',
      'cannot listen on udp 127.0.0.1:53: this machine has no such address (EADDRNOTAVAIL); choose another with --listen',
    ],
    ['ENOBUFS', 'cannot listen on udp 127.0.0.1:53: listen ENOBUFS'],
  ])('explains %s in one line', async (code, message) => {
    const strategy = fakeStrategy({
      refuse: () => {
        throw systemError(code);
      },
    });
    await expect(listenersOf(strategy).listen()).rejects.toMatchObject({ message });
  });

  it('closes with the grace it is given', async () => {
    const strategy = fakeStrategy();
    const listeners = listenersOf(strategy);
    await listeners.listen();
    await listeners.close(1_500);
    expect(strategy.journal.slice(-2)).toEqual(['close udp 127.0.0.1 1500', 'close tcp 127.0.0.1 1500']);
  });

  it('stops binding when it is closed meanwhile', async () => {
    const gate = Promise.withResolvers<void>();
    const strategy = fakeStrategy({ until: gate.promise });
    const listeners = listenersOf(strategy);
    const listening = listeners.listen();
    const closing = listeners.close(0);
    gate.resolve();
    await closing;
    await expect(listening).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    expect(strategy.bound.size).toBe(0);
  });

  it('closes before and after, and twice', async () => {
    const listeners = listenersOf(fakeStrategy());
    await listeners.close(0);
    await listeners.close(0);
    await expect(listeners.listen()).rejects.toMatchObject({ code: 'ERR_CLOSED' });
  });

  it('tells events with their transport', async () => {
    const seen: string[] = [];
    const strategy = fakeStrategy();
    const onEvent = (event: string, transport: string): void => void seen.push(`${transport} ${event}`);
    await listenersOf(strategy, { onEvent }).listen();
    for (const options of strategy.bound) options.onEvent('send-failed');
    expect(seen).toEqual(['udp send-failed', 'tcp send-failed']);
  });
});
