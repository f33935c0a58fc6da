import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { createTestCa, type TestCa } from '@tridot/testbed';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BindError } from '../src/failures.ts';
import { createProxy } from '../src/proxy.ts';
import type { SettingsInput } from '../src/settings/settings-schema.ts';
import { fakeStrategy } from './fake-strategy.ts';
import { metric, queryFor, type RunningProxy, runProxy } from './running-proxy.ts';

let ca: TestCa;
let running: RunningProxy;

beforeAll(async () => {
  ca = await createTestCa();
});
afterEach(() => running.close());

async function started(input: SettingsInput = {}): Promise<RunningProxy> {
  running = await runProxy(input, ca);
  return running;
}

describe('the admin endpoint', () => {
  it('serves metrics, health and settings', async () => {
    const { get, proxy } = await started();
    expect(proxy.adminUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await get('/healthz')).text()).toBe('ok\n');
    const metrics = await get('/metrics');
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await metrics.text()).toContain('# TYPE tridot_query_duration_seconds histogram');
    expect(await (await get('/config')).json()).toEqual(proxy.settings);
  });

  it('asks an upstream at the start, so that the first client finds a connection', async () => {
    const { upstream } = await started();
    await upstream.waitForQueries(1);
    expect(upstream.journal.queries).toHaveLength(1);
  });

  it('asks nobody without an endpoint, and counts nothing', async () => {
    const { upstream, proxy, ask } = await started({ admin: undefined });
    expect(proxy.adminUrl).toBeNull();
    await ask(queryFor('www.example.com'));
    expect(upstream.journal.queries).toHaveLength(1);
  });

  it('counts queries by what became of them, and their time', async () => {
    const { ask } = await started();
    await ask(queryFor('www.example.com'));
    await ask(queryFor('www.example.com'), { transport: 'tcp' });
    await ask(queryFor('nxdomain.example.com'));
    await ask(Buffer.alloc(3));
    await ask(queryFor('www.example.com', 252));
    const queries = (labels: string) => metric(running, `tridot_queries_total{strategy="fake",${labels}}`);
    expect(await queries('transport="udp",outcome="answered",source="upstream",rcode="NOERROR"')).toBe(1);
    expect(await queries('transport="tcp",outcome="answered",source="upstream",rcode="NOERROR"')).toBe(1);
    expect(await queries('transport="udp",outcome="answered",source="upstream",rcode="NXDOMAIN"')).toBe(1);
    expect(await queries('transport="udp",outcome="dropped",source="none",rcode="none"')).toBe(1);
    expect(await queries('transport="udp",outcome="rejected",source="none",rcode="NOTIMP"')).toBe(1);
    const duration = (line: string) => metric(running, `tridot_query_duration_seconds_${line}`);
    expect(await duration('count{strategy="fake",transport="udp"}')).toBe(4);
    expect(await duration('bucket{strategy="fake",transport="udp",le="+Inf"}')).toBe(4);
    expect(await duration('sum{strategy="fake",transport="udp"}')).toBeGreaterThan(0);
    expect(await metric(running, 'tridot_queries_in_flight')).toBe(0);
  });

  it('counts connections and errors of each upstream', async () => {
    const { ask, upstream } = await started();
    const name = `dot.example.com (127.0.0.1:${upstream.port})`;
    await ask(queryFor('www.example.com'));
    expect(await metric(running, `tridot_upstream_replies_total{upstream="${name}"}`)).toBe(1);
    expect(
      await metric(running, `tridot_upstream_connections_opened_total{upstream="${name}",handshake="full"}`),
    ).toBe(1);
    expect(await metric(running, `tridot_upstream_connections_open{upstream="${name}"}`)).toBe(1);
    expect(
      await metric(running, `tridot_upstream_handshake_duration_seconds_count{upstream="${name}"}`),
    ).toBe(1);
    await upstream.kill();
    await ask(queryFor('www.example.com'));
    const labels = `upstream="${name}",phase="dial",code="ERR_UPSTREAM_UNREACHABLE"`;
    expect(await metric(running, `tridot_upstream_errors_total{${labels}}`)).toBeGreaterThan(0);
  });

  it('counts and logs who is not allowed', async () => {
    const { ask, lines } = await started({ log: { clients: 'prefix' } });
    await ask(queryFor('www.example.com'), { address: '192.0.2.77' });
    await ask(queryFor('www.example.com'), { address: '192.0.2.78' });
    expect(await metric(running, 'tridot_queries_denied_total{reason="not-allowed",transport="udp"}')).toBe(
      2,
    );
    expect(lines.filter(({ level }) => level === 'warn').map(({ text }) => text)).toEqual([
      'client 192.0.2.0/24 is outside the ranges of --allow: its queries are not answered',
    ]);
  });

  it('has the same series after any number of names and clients, and tells none of them', async () => {
    const { ask, get } = await started({ access: { allow: ['0.0.0.0/0'] } });
    const series = async () =>
      (await (await get('/metrics')).text()).split('\n').filter((line) => line.startsWith('tridot_'));
    await ask(queryFor('nowhere0.example.com'));
    const before = (await series()).map((line) => line.replace(/ \S+$/, ''));
    for (let i = 1; i < 300; i++)
      await ask(queryFor(`nowhere${i}.example.com`), { address: `198.51.100.${i % 256}` });
    const after = (await series()).map((line) => line.replace(/ \S+$/, ''));
    expect(after).toEqual(before);
    expect(after.join('\n')).not.toMatch(/nowhere|198\.51/);
  });

  it('is ready while an upstream answers, and only then', async () => {
    const { get, upstream, ask } = await started({ limits: { admin: { readyWindowMs: 3_600_000 } } });
    expect((await get('/readyz')).status).toBe(200);
    await upstream.kill();
    await ask(queryFor('www.example.com'));
    const refused = await get('/readyz');
    expect(refused.status).toBe(503);
    expect(await refused.text()).toMatch(
      /^no upstream answers: upstream dot\.example\.com \(127\.0\.0\.1:\d+\): .*\n$/,
    );
    await upstream.start();
    await expect.poll(async () => (await get('/readyz')).status, { timeout: 10_000 }).toBe(200);
  });

  it('asks again when the last answer is old', async () => {
    const { get, upstream } = await started({ limits: { admin: { readyWindowMs: 100 } } });
    expect((await get('/readyz')).status).toBe(200);
    const before = upstream.journal.queries.length;
    await expect
      .poll(async () => {
        expect((await get('/readyz')).status).toBe(200);
        return upstream.journal.queries.length;
      })
      .toBeGreaterThan(before);
  });

  it('is not ready while draining, though alive, and closes last', async () => {
    const drained = Promise.withResolvers<void>();
    running = await runProxy({}, ca, { untilClosed: drained.promise });
    const { proxy, get } = running;
    const closing = proxy.close({ graceMs: 1_000 });
    const answer = await get('/readyz');
    expect([answer.status, await answer.text()]).toEqual([503, 'draining\n']);
    expect((await get('/healthz')).status).toBe(200);
    expect(await metric(running, 'tridot_draining')).toBe(1);
    drained.resolve();
    await closing;
    await expect(get('/healthz')).rejects.toThrow();
  });

  it('answers 404, 405 and 421 for what is not meant for it', async () => {
    const { get, proxy } = await started();
    expect((await get('/nonsense')).status).toBe(404);
    expect((await get('/__proto__')).status).toBe(404);
    const posted = await fetch(`${proxy.adminUrl}/healthz`, {
      method: 'POST',
      body: 'x'.repeat(100_000),
    }).catch(() => null);
    expect([405, undefined]).toContain(posted?.status);
    const foreign = request(`${proxy.adminUrl}/config`, { headers: { host: 'rebound.example.com' } }).end();
    const [response] = await once(foreign, 'response');
    expect(response.statusCode).toBe(421);
    response.resume();
  });

  it('survives garbage', async () => {
    const { proxy, get } = await started({ limits: { admin: { requestTimeoutMs: 500 } } });
    const { port } = new URL(proxy.adminUrl ?? '');
    const octets = fc.oneof(
      fc.uint8Array({ maxLength: 4_096 }),
      fc.string().map((text) => Buffer.from(`GET ${text} HTTP/1.1\r\n\r\n`)),
      fc.string().map((text) => Buffer.from(`GET /metrics HTTP/1.1\r\nhost: ${text}\r\n\r\n`)),
    );
    await fc.assert(
      fc.asyncProperty(octets, async (bytes) => {
        const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
        socket.end(Buffer.from(bytes));
        socket.resume();
        await once(socket, 'close');
      }),
      { numRuns: 100 },
    );
    expect((await get('/healthz')).status).toBe(200);
  });

  it('ends connections that send nothing, and lets no more than its limit wait', async () => {
    const { proxy, get } = await started({ limits: { admin: { requestTimeoutMs: 300, maxConnections: 3 } } });
    const { port } = new URL(proxy.adminUrl ?? '');
    const sockets = Array.from({ length: 10 }, () =>
      connect(Number(port), '127.0.0.1').on('error', () => {}),
    );
    for (const socket of sockets) socket.resume();
    await Promise.all(sockets.map((socket) => socket.closed || once(socket, 'close')));
    expect((await get('/healthz')).status).toBe(200);
  });

  it('leaves nothing bound when its own address is taken', async () => {
    const { proxy, settings } = await started();
    const { port } = new URL(proxy.adminUrl ?? '');
    const strategy = fakeStrategy();
    const starting = createProxy(strategy, settings({ admin: port })).start();
    await expect(starting).rejects.toThrow(BindError);
    await expect(starting).rejects.toThrow(
      `cannot listen on tcp 127.0.0.1:${port}: address already in use (EADDRINUSE); stop what listens there, or choose another with --admin`,
    );
    expect(strategy.bound.size).toBe(0);
  });
});
