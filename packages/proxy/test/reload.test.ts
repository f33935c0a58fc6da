import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { behaviours, createTestCa, startUpstream, type TestCa, type TestUpstream } from '@tridot/testbed';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ClosedError, SettingError } from '../src/failures.ts';
import { rcodeOfReply } from '../src/metrics/reply-rcode.ts';
import type { SettingsInput } from '../src/settings/settings-schema.ts';
import { metric, queryFor, type RunningProxy, runProxy } from './running-proxy.ts';

const QUERY = queryFor('www.example.com');

let ca: TestCa;
let running: RunningProxy;
let other: TestUpstream | null = null;

beforeAll(async () => {
  ca = await createTestCa();
});
afterEach(async () => {
  await running.close();
  await other?.close();
  other = null;
});

async function started(input: SettingsInput = {}): Promise<RunningProxy> {
  running = await runProxy(input, ca);
  return running;
}

async function anotherUpstream(): Promise<{ upstream: TestUpstream; setting: string }> {
  other = await startUpstream({ ca, authName: 'other.example.com' });
  return { upstream: other, setting: `tls://127.0.0.1:${other.port}#other.example.com` };
}

describe('reload', () => {
  it('asks the new upstream from then on, and the old one still answers what it was asked', async () => {
    const { proxy, ask, upstream, settings } = await started({ admin: undefined });
    const { upstream: next, setting } = await anotherUpstream();
    const hold = behaviours.hold();
    upstream.behave(hold);
    const inFlight = ask(QUERY);
    await upstream.waitForQueries(1);

    expect(await proxy.reload(settings({ upstream: [setting] }))).toMatchObject({
      changed: ['upstream'],
      needRestart: [],
    });
    expect(rcodeOfReply(await ask(QUERY))).toBe(0);
    expect(next.journal.queries).toHaveLength(1);
    hold.open();
    expect(rcodeOfReply(await inFlight)).toBe(0);
    expect(proxy.upstreamNames).toEqual([`other.example.com (127.0.0.1:${next.port})`]);
    expect(running.strategy.journal.filter((line) => line.startsWith('close'))).toEqual([]);
    await expect.poll(() => upstream.connections.size).toBe(0);
  });

  it('loses none of many queries while it changes again and again', async () => {
    const { proxy, ask, settings } = await started({ admin: undefined });
    const { setting } = await anotherUpstream();
    const replies: Promise<unknown>[] = [];
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 20; i++) replies.push(ask(QUERY).then(rcodeOfReply));
      await proxy.reload(round % 2 === 0 ? settings({ upstream: [setting] }) : settings());
    }
    expect(new Set(await Promise.all(replies))).toEqual(new Set([0]));
  });

  it('keeps the connections when nothing about the upstreams has changed', async () => {
    const { proxy, ask, upstream, settings } = await started({ admin: undefined });
    await ask(QUERY);
    const reloaded = await proxy.reload(settings({ log: { queries: true } }));
    expect(reloaded.changed).toEqual(['log.queries']);
    await ask(QUERY);
    expect(upstream.journal.connections).toHaveLength(1);
    expect(running.lines.some(({ fields }) => fields.qname === 'www.example.com.')).toBe(true);
  });

  it('applies who may ask, and how often', async () => {
    const { proxy, ask, settings } = await started();
    const client = { address: '192.0.2.1' };
    expect(rcodeOfReply(await ask(QUERY, client))).toBe(5);
    const limits = { rateLimit: { queriesPerSecond: 1, burst: 1 } };
    await proxy.reload(settings({ access: { allow: ['192.0.2.0/24'], rateLimited: 'drop' }, limits }));
    expect(rcodeOfReply(await ask(QUERY, client))).toBe(0);
    expect(await ask(QUERY, client)).toBeNull();
    expect(rcodeOfReply(await ask(QUERY))).toBe(5);
  });

  it('says what needs a restart, and leaves it as it is', async () => {
    const { proxy, settings } = await started();
    const next = settings({
      listen: ['127.0.0.1:54'],
      limits: { listener: { maxInFlight: 7 }, proxy: { graceMs: 7 } },
    });
    const { changed, needRestart } = await proxy.reload(next);
    expect(changed).toEqual(['limits.proxy.graceMs']);
    expect(needRestart).toEqual(['listen', 'limits.listener.maxInFlight']);
    expect(proxy.settings).toMatchObject({ listen: ['127.0.0.1:53'], limits: { proxy: { graceMs: 7 } } });
    expect(running.strategy.bound.size).toBe(2);
  });

  it('reads the trust anchors again', async () => {
    const { proxy, ask, settings, folder } = await started({ admin: undefined });
    const file = settings().ca ?? '';
    writeFileSync(file, (await createTestCa()).pem);
    expect((await proxy.reload(settings())).changed).toEqual([]);
    expect(rcodeOfReply(await ask(QUERY))).toBe(2);
    writeFileSync(join(folder, 'good.pem'), ca.pem);
    await proxy.reload(settings({ ca: join(folder, 'good.pem') }));
    expect(rcodeOfReply(await ask(QUERY))).toBe(0);
  });

  it('changes nothing when the new settings cannot be used', async () => {
    const { proxy, ask, settings } = await started();
    const before = proxy.settings;
    const broken = settings({ ca: '/nowhere/ca.pem', log: { level: 'debug' } });
    await expect(proxy.reload(broken)).rejects.toThrow(SettingError);
    await expect(proxy.reload(broken)).rejects.toThrow(
      'ca: cannot read /nowhere/ca.pem: no such file (ENOENT)',
    );
    expect(proxy.settings).toBe(before);
    expect(rcodeOfReply(await ask(QUERY))).toBe(0);
    expect(await metric(running, 'tridot_reloads_total{result="refused"}')).toBe(2);
    expect(await metric(running, 'tridot_reloads_total{result="applied"}')).toBe(0);
  });

  it('shows only the upstreams in use among the metrics', async () => {
    const { proxy, ask, upstream, settings, get } = await started();
    const { upstream: next, setting } = await anotherUpstream();
    await ask(QUERY);
    await proxy.reload(settings({ upstream: [setting] }));
    await expect.poll(() => upstream.connections.size).toBe(0);
    await proxy.reload(settings({ upstream: [setting] }));
    const text = await (await get('/metrics')).text();
    expect(text).not.toContain(`127.0.0.1:${upstream.port}`);
    expect(text).toContain(
      `tridot_upstream_replies_total{upstream="other.example.com (127.0.0.1:${next.port})"} 0`,
    );
  });

  it('is refused once the proxy is closed', async () => {
    const { proxy, settings } = await started();
    const closing = proxy.close({ graceMs: 0 });
    await expect(proxy.reload(settings())).rejects.toThrow(ClosedError);
    await closing;
  });
});
