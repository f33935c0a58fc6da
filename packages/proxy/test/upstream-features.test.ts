import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { behaviours, createTestCa, startUpstream, type TestCa, type TestUpstream } from '@tridot/testbed';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SettingsInput } from '../src/settings/settings-schema.ts';
import { metric, queryFor, type RunningProxy, runProxy } from './running-proxy.ts';

const SERVFAIL = 2;

/** `queryFor` with an OPT that holds a client subnet (RFC 7871): 192.0.2.0/24. */
function queryWithSubnet(): Buffer {
  const option = Buffer.from([0, 8, 0, 7, 0, 1, 24, 0, 192, 0, 2]);
  const opt = Buffer.concat([Buffer.from([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, option.length]), option]);
  const query = Buffer.concat([queryFor('www.example.com'), opt]);
  query.writeUInt16BE(1, 10);
  return query;
}

const SUBNET = Buffer.from([0, 8, 0, 7, 0, 1, 24, 0, 192, 0, 2]);

describe('settings that reach the upstream', () => {
  let ca: TestCa;
  let running: RunningProxy | undefined;
  const others: TestUpstream[] = [];
  beforeAll(async () => {
    ca = await createTestCa();
  });
  afterEach(async () => {
    await running?.close();
    await Promise.all(others.splice(0).map((upstream) => upstream.close()));
  });

  async function run(input: SettingsInput = {}): Promise<RunningProxy> {
    running = await runProxy(input, ca);
    return running;
  }

  async function other(): Promise<{ readonly upstream: TestUpstream; readonly url: string }> {
    const upstream = await startUpstream({ ca });
    others.push(upstream);
    return { upstream, url: `tls://127.0.0.1:${upstream.port}#${upstream.authName}` };
  }

  function rcodeOf(reply: Buffer | null | unknown): number {
    return Buffer.isBuffer(reply) ? (reply[3] ?? 0) & 0x0f : -1;
  }

  it('SNI is sent, or left out', async () => {
    const { ask, upstream } = await run();
    await ask(queryFor('www.example.com'));
    expect(upstream.journal.connections[0]?.tls?.sni).toBe(upstream.authName);
    await running?.close();
    const without = await run({ tls: { sni: false } });
    await without.ask(queryFor('www.example.com'));
    expect(without.upstream.journal.connections[0]?.tls?.sni).toBeNull();
  });

  it('the client subnet is passed on, or taken out', async () => {
    const { ask, upstream, proxy, settings } = await run();
    await ask(queryWithSubnet());
    expect(upstream.journal.queries.at(-1)?.bytes.includes(SUBNET)).toBe(true);
    await proxy.reload(settings({ ecs: 'strip' }));
    await ask(queryWithSubnet());
    expect(upstream.journal.queries.at(-1)?.bytes.includes(SUBNET)).toBe(false);
  });

  it('a pin that fits is enough, and one that does not refuses the server', async () => {
    const certificate = await ca.issue({ dnsNames: ['dot.example.com'], ipAddresses: ['127.0.0.1'] });
    const { upstream, url } = await other();
    upstream.useCertificate(certificate);
    const limits = { upstream: { patienceMs: 0, queryTimeoutMs: 2_000 } };
    const pinned = (pin: string): SettingsInput => ({
      limits,
      upstream: [{ server: url, pins: [`sha256/${pin}`] }],
    });
    const { ask, proxy, settings } = await run(pinned(certificate.spkiSha256));
    expect(rcodeOf(await ask(queryFor('www.example.com')))).toBe(0);
    await proxy.reload(settings(pinned(`${'A'.repeat(43)}=`)));
    expect(rcodeOf(await ask(queryFor('www.example.com')))).toBe(SERVFAIL);
  });

  it('trust anchors of one upstream count for it alone', async () => {
    const { ask, folder, proxy, settings, upstream } = await run();
    const stranger = await createTestCa();
    writeFileSync(join(folder, 'stranger.pem'), stranger.pem);
    const server = `tls://127.0.0.1:${upstream.port}#${upstream.authName}`;
    const limits = { upstream: { patienceMs: 0 } };
    await proxy.reload(settings({ limits, upstream: [{ server, ca: join(folder, 'stranger.pem') }] }));
    expect(rcodeOf(await ask(queryFor('www.example.com')))).toBe(SERVFAIL);
    await proxy.reload(
      settings({ limits, upstream: [{ server, ca: join(folder, 'stranger.pem'), opportunistic: true }] }),
    );
    expect(rcodeOf(await ask(queryFor('www.example.com')))).toBe(0);
    expect(
      running?.lines.some(({ level, text }) => level === 'warn' && text.includes('nobody knows to whom')),
    ).toBe(true);
  });

  it('our own certificate is shown to a server that asks for one', async () => {
    const { proxy, settings, folder, ask } = await run();
    const own = await ca.issue({ commonName: 'forwarder.example.com', extendedKeyUsage: ['clientAuth'] });
    const { cert, key } = await ca.issue({ dnsNames: ['dot.example.com'] });
    writeFileSync(join(folder, 'own.pem'), own.cert);
    writeFileSync(join(folder, 'own.key'), own.key);
    const options = { cert, key, ca: ca.pem, requestCert: true, ALPNProtocols: ['dot'] };
    const server = createServer(options).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await proxy.reload(
      settings({
        upstream: [`tls://127.0.0.1:${port}#dot.example.com`],
        tls: { clientCert: join(folder, 'own.pem'), clientKey: join(folder, 'own.key') },
        admin: undefined,
      }),
    );
    const secured = once(server, 'secureConnection');
    const asked = ask(queryFor('www.example.com'));
    const [socket]: TLSSocket[] = await secured;
    expect(socket?.getPeerCertificate().subject.CN).toBe('forwarder.example.com');
    expect((await (await running?.get('/config'))?.text()) ?? '').not.toContain('PRIVATE KEY');
    server.close();
    socket?.destroy();
    await running?.close();
    await asked;
  });

  it('SERVFAIL of one upstream is an answer, or a reason to ask the next', async () => {
    const second = await other();
    const { ask, upstream, proxy, settings } = await run();
    upstream.behave(behaviours.rcode(SERVFAIL));
    const both = [`tls://127.0.0.1:${upstream.port}#${upstream.authName}`, second.url];
    await proxy.reload(settings({ upstream: both }));
    expect(rcodeOf(await ask(queryFor('www.example.com')))).toBe(SERVFAIL);
    await proxy.reload(settings({ upstream: both, servfail: 'failure' }));
    expect(rcodeOf(await ask(queryFor('www.example.com')))).toBe(0);
  });

  it('round-robin gives each upstream its turn, and a race asks several', async () => {
    const second = await other();
    const { ask, upstream, proxy, settings } = await run();
    const both = [`tls://127.0.0.1:${upstream.port}#${upstream.authName}`, second.url];
    await proxy.reload(settings({ upstream: both, selection: 'round-robin' }));
    await ask(queryFor('www.example.com'));
    await ask(queryFor('www.example.com'));
    expect(second.upstream.journal.queryCount).toBe(1);
    await proxy.reload(settings({ upstream: both, selection: 'race' }));
    await ask(queryFor('www.example.com'));
    await second.upstream.waitForQueries(2);
  });

  it('a warm connection is there before a query', async () => {
    const { upstream, url } = await other();
    await run({ upstream: [url], warm: true });
    await upstream.waitForConnections(1);
  });

  it('a connection is replaced after so many queries', async () => {
    const { ask, upstream } = await run({ limits: { upstream: { maxQueriesPerConnection: 2 } } });
    for (let count = 0; count < 5; count++) await ask(queryFor('www.example.com'));
    expect(upstream.journal.connections.length).toBeGreaterThanOrEqual(2);
  });

  it('a route leads to its group', async () => {
    const corp = await other();
    const groups = { corp: { upstream: [corp.url] } };
    const { ask, upstream } = await run({ groups, routes: { 'corp.example.com': 'corp' } });
    await upstream.waitForQueries(1);
    await ask(queryFor('host.corp.example.com'));
    expect(corp.upstream.journal.queryCount).toBe(1);
    await ask(queryFor('www.example.com'));
    expect(corp.upstream.journal.queryCount).toBe(1);
  });

  it('a disagreement of groups fails the query, is counted and logged, and spares names with a route', async () => {
    const liar = await other();
    liar.upstream.behave(behaviours.rcode(3));
    const { ask, lines } = await run({
      groups: { other: { upstream: [liar.url] } },
      routes: { 'corp.example.com': 'other' },
      agreement: { mode: 'fail', groups: ['default', 'other'], suffixes: ['example.com'] },
    });
    expect(rcodeOf(await ask(queryFor('www.example.com')))).toBe(SERVFAIL);
    const line = lines.find(({ text }) => text.startsWith('upstreams disagree'));
    expect(line?.text).toMatch(
      /^upstreams disagree about type A: default NOERROR .*; other NXDOMAIN.*; the query failed$/,
    );
    const disagreed = 'tridot_agreement_comparisons_total{outcome="disagreed"}';
    expect(running && (await metric(running, disagreed))).toBe(1);
    expect(rcodeOf(await ask(queryFor('a.corp.example.com')))).toBe(3);
    expect(running && (await metric(running, disagreed))).toBe(1);
  });

  it('an agreement that is only observed changes no answer', async () => {
    const liar = await other();
    liar.upstream.behave(behaviours.rcode(3));
    const { ask } = await run({
      groups: { other: { upstream: [liar.url] } },
      agreement: { mode: 'observe', groups: ['default', 'other'], suffixes: ['example.org'] },
    });
    expect(rcodeOf(await ask(queryFor('www.example.com')))).toBe(0);
    expect(liar.upstream.journal.queryCount).toBe(0);
  });

  it('a reload to groups that are not there changes nothing', async () => {
    const { ask, proxy, settings } = await run();
    const agreement: SettingsInput['agreement'] = {
      mode: 'fail',
      groups: ['default', 'gone'],
      sampleRate: 1,
    };
    await expect(proxy.reload(settings({ agreement }))).rejects.toThrow('"gone" is not a group');
    expect(rcodeOf(await ask(queryFor('www.example.com')))).toBe(0);
  });

  it('phase times of an answered query are in the query log', async () => {
    const { ask, lines } = await run({ log: { queries: true } });
    await ask(queryFor('www.example.com'));
    const fields = lines.find(({ text }) => text.startsWith('query www.example.com'))?.fields;
    expect(fields).toMatchObject({ sends: 1, tls: expect.stringMatching(/full|resumed/) });
    expect(fields?.waitMs).toBeGreaterThan(0);
    expect(fields?.connectionAgeMs).toBeGreaterThanOrEqual(0);
  });
});
