import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestCa } from '@tridot/testbed';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProxy } from '../src/proxy.ts';
import { createSettings } from '../src/settings/create-settings.ts';
import { readTrustAnchors } from '../src/upstreams/trust-anchors.ts';
import { fakeStrategy, systemError } from './fake-strategy.ts';

const SETTINGS = createSettings({
  listen: ['127.0.0.1:53'],
  upstream: ['tls://127.0.0.1:1#dns.example.com'],
});

describe('createProxy', () => {
  it('binds what the settings say, and closes it with the grace of the settings', async () => {
    const strategy = fakeStrategy();
    const proxy = createProxy(strategy, SETTINGS);
    expect(await proxy.start()).toEqual([
      { transport: 'udp', address: '127.0.0.1', port: 53 },
      { transport: 'tcp', address: '127.0.0.1', port: 53 },
    ]);
    expect(proxy.upstreamNames).toEqual(['dns.example.com (127.0.0.1:1)']);
    await proxy.close();
    expect(strategy.bound.size).toBe(0);
    expect(strategy.journal).toContain('close udp 127.0.0.1 5000');
  });

  it('counts what listeners tell', async () => {
    const strategy = fakeStrategy();
    const proxy = createProxy(strategy, SETTINGS);
    await proxy.start();
    for (const options of strategy.bound)
      if (options.transport === 'tcp') options.onEvent('connection-opened');
    expect(proxy.listenerEvents.tcp['connection-opened']).toBe(1);
    expect(proxy.listenerEvents.udp['connection-opened']).toBe(0);
    await proxy.close();
  });

  it('settles close before, during and after start, and twice', async () => {
    await createProxy(fakeStrategy(), SETTINGS).close();

    const strategy = fakeStrategy();
    const proxy = createProxy(strategy, SETTINGS);
    const starting = proxy.start();
    const closing = Promise.all([proxy.close(), proxy.close()]);
    await expect(starting).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await closing;
    expect(strategy.bound.size).toBe(0);
  });

  it('leaves nothing behind when a socket cannot be bound', async () => {
    const before = process.getActiveResourcesInfo().length;
    const strategy = fakeStrategy({
      refuse: () => {
        throw systemError('EACCES');
      },
    });
    const settings = createSettings({ listen: ['127.0.0.1:53'], upstream: ['embedded'] });
    await expect(createProxy(strategy, settings).start()).rejects.toMatchObject({ code: 'ERR_BIND' });
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before);
  });

  it('answers through the embedded upstream', async () => {
    const strategy = fakeStrategy();
    const proxy = createProxy(strategy, createSettings({ listen: ['127.0.0.1:53'], upstream: ['embedded'] }));
    await proxy.start();
    const query = Buffer.from(
      '1234010000010000000000000765786d706c6503636f6d0000010001'.replace('65786d', '6578616d'),
      'hex',
    );
    const reply = await strategy.handlers[0]?.(query, {
      transport: 'tcp',
      address: '127.0.0.1',
      port: 4_000,
    });
    expect(Buffer.isBuffer(reply) && reply.toString('hex', 0, 4)).toBe('12348180');
    await proxy.close();
  });
});

describe('readTrustAnchors', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tridot-ca-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function written(text: string): string {
    const path = join(folder, 'ca.pem');
    writeFileSync(path, text);
    return path;
  }

  it('reads all certificates of a file, whatever stands between them', async () => {
    const [one, two] = [await createTestCa(), await createTestCa()];
    const anchors = readTrustAnchors(written(`# one\n${one.pem}\n# two\n${two.pem}\n`));
    expect(anchors.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(new X509Certificate(anchors).fingerprint256).toBe(new X509Certificate(one.pem).fingerprint256);
  });

  it('refuses a file without one', () => {
    const path = written('hello');
    expect(() => readTrustAnchors(path)).toThrow(
      new Error(`ca: ${path} holds no PEM certificate (-----BEGIN CERTIFICATE-----)`).message,
    );
  });

  it('names the damaged one', async () => {
    const { pem } = await createTestCa();
    const path = written(`${pem}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`);
    expect(() => readTrustAnchors(path, '--ca')).toThrow(
      `--ca: certificate 2 of 2 in ${path} cannot be read`,
    );
  });
});
