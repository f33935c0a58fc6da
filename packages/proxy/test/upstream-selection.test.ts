import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import {
  answerFromZone,
  behaviours,
  createTestCa,
  FrameReader,
  framed,
  rcodeOf,
  startUpstream,
  type TestCa,
  type TestUpstream,
} from '@tridot/testbed';
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { SettingsInput } from '../src/settings/settings-schema.ts';
import { metric, queryFor, type RunningProxy, runProxy } from './running-proxy.ts';

const NOERROR = 0;
const SERVFAIL = 2;
/** So many answers make the 95th percentile of a server known. */
const ENOUGH = 20;

let ca: TestCa;
let running: RunningProxy;
beforeAll(async () => {
  ca = await createTestCa();
});
afterEach(() => running.close());

async function run(input: SettingsInput = {}): Promise<RunningProxy> {
  running = await runProxy(input, ca);
  return running;
}

async function another(): Promise<TestUpstream> {
  const upstream = await startUpstream({ ca });
  onTestFinished(() => upstream.close());
  return upstream;
}

const urlOf = ({ port, authName }: TestUpstream) => `tls://127.0.0.1:${port}#${authName}`;

async function rcode(name: string): Promise<number> {
  const reply = await running.ask(queryFor(name));
  if (!Buffer.isBuffer(reply)) throw new Error(`no reply but ${String(reply)}`);
  return rcodeOf(reply);
}

describe('hedging', () => {
  it('asks the second upstream when the first takes longer than it does', async () => {
    const second = await another();
    const { upstream, proxy, settings } = await run({ admin: '127.0.0.1:0' });
    const limits = { upstream: { hedgePercent: 50, hedgeFloorMs: 1, stallTimeoutMs: 4_000 } };
    await proxy.reload(settings({ upstream: [urlOf(upstream), urlOf(second)], limits }));
    for (let count = 0; count < ENOUGH; count++) expect(await rcode('www.example.com')).toBe(NOERROR);
    const before = second.journal.queryCount;
    upstream.behave(behaviours.silence());
    const sent = upstream.journal.queryCount;
    expect(await rcode('www.example.com')).toBe(NOERROR);
    expect(upstream.journal.queryCount).toBe(sent + 1);
    expect(second.journal.queryCount).toBe(before + 1);
    const name = `dot.example.com (127.0.0.1:${second.port})`;
    expect(await metric(running, `tridot_upstream_hedged_total{upstream="${name}"}`)).toBeGreaterThan(0);
  });
});

describe('fastest', () => {
  it('asks each upstream once, and from then on the one that answers sooner', async () => {
    const quick = await another();
    const { upstream, proxy, settings } = await run({ admin: undefined });
    upstream.behave(behaviours.delay(60));
    const limits = { upstream: { explorePercent: 0 } };
    await proxy.reload(
      settings({ admin: undefined, upstream: [urlOf(upstream), urlOf(quick)], selection: 'fastest', limits }),
    );
    for (let count = 0; count < 10; count++) expect(await rcode('www.example.com')).toBe(NOERROR);
    expect([upstream.journal.queryCount, quick.journal.queryCount]).toEqual([1, 9]);
  });
});

describe('TLS 1.3 only', () => {
  it('refuses a server that speaks TLS 1.2, unless told otherwise', async () => {
    const { upstream, proxy, settings } = await run({ admin: undefined });
    const limits = { upstream: { patienceMs: 0 } };
    const only = (tls13Only: boolean) => settings({ admin: undefined, tls: { tls13Only }, limits });
    upstream.behave(behaviours.tls12Only());
    await proxy.reload(only(true));
    expect(await rcode('www.example.com')).toBe(SERVFAIL);
    expect(upstream.journal.queries).toEqual([]);
    await proxy.reload(only(false));
    expect(await rcode('www.example.com')).toBe(NOERROR);
    expect(upstream.journal.connections.at(-1)?.tls?.protocol).toBe('TLSv1.2');
    upstream.behave();
    await proxy.reload(only(true));
    expect(await rcode('www.example.com')).toBe(NOERROR);
    expect(upstream.journal.connections.at(-1)?.tls?.protocol).toBe('TLSv1.3');
  });
});

describe('an insecure group on a route', () => {
  it('is asked in datagrams for the names of the route, and for no other', async () => {
    const datagrams: Buffer[] = [];
    const plain = createSocket('udp4');
    plain.on('message', (query, { port, address }) => {
      datagrams.push(query);
      const response = answerFromZone(query);
      if (response !== null) plain.send(response, port, address);
    });
    plain.bind(0, '127.0.0.1');
    await once(plain, 'listening');
    onTestFinished(() => void plain.close());
    const { upstream } = await run({
      groups: { corp: { upstream: [`udp://127.0.0.1:${plain.address().port}`], insecure: true } },
      routes: { 'www.example.com': 'corp' },
    });
    await upstream.waitForQueries(1);
    expect(await rcode('www.example.com')).toBe(NOERROR);
    expect(datagrams).toHaveLength(1);
    expect(datagrams[0]?.subarray(12, 33)).toEqual(queryFor('www.example.com').subarray(12));
    expect(upstream.journal.queryCount).toBe(1);
    expect(await rcode('example.com')).toBe(NOERROR);
    expect(datagrams).toHaveLength(1);
    const name = `127.0.0.1:${plain.address().port}`;
    const text = await (await running.get('/metrics')).text();
    expect(text).toMatch(
      new RegExp(
        `^tridot_upstream_connection_uses_total\\{upstream="[^"]*${name}[^"]*",connection="none"\\} 1$`,
        'm',
      ),
    );
  });
});

describe('a client certificate', () => {
  it('rotates under queries, and none of them is lost', async () => {
    const { cert, key } = await ca.issue({ dnsNames: ['dot.example.com'] });
    const seen = new Set<string>();
    const sockets = new Set<TLSSocket>();
    const server = createServer(
      { cert, key, ca: ca.pem, requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['dot'] },
      (socket) => {
        sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => {}));
        const reader = new FrameReader();
        socket.on('data', (chunk: Buffer) => {
          reader.push(chunk, (query) => {
            seen.add(String(socket.getPeerCertificate().subject.CN));
            socket.write(framed(answerFromZone(query) ?? Buffer.alloc(0)));
          });
        });
      },
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    const { proxy, settings, folder, lines } = await run({ admin: undefined });
    const clientCert = join(folder, 'own.pem');
    const clientKey = join(folder, 'own.key');
    /** As a file is replaced in place by a tool that does it well: by a rename. */
    async function show(commonName: string): Promise<void> {
      const issued = await ca.issue({ commonName, extendedKeyUsage: ['clientAuth'] });
      for (const [file, text] of [
        [clientCert, issued.cert],
        [clientKey, issued.key],
      ] as const) {
        writeFileSync(`${file}.new`, text);
        renameSync(`${file}.new`, file);
      }
    }
    await show('forwarder-0');
    const { port } = server.address() as AddressInfo;
    await proxy.reload(
      settings({
        admin: undefined,
        upstream: [`tls://127.0.0.1:${port}#dot.example.com`],
        tls: { clientCert, clientKey },
      }),
    );
    const rcodes = new Map<number, number>();
    let asking = true;
    const clients = Array.from({ length: 5 }, async () => {
      while (asking) {
        const got = await rcode('www.example.com');
        rcodes.set(got, (rcodes.get(got) ?? 0) + 1);
        await new Promise(setImmediate);
      }
    });
    for (const round of [1, 2, 3]) {
      await show(`forwarder-${round}`);
      await expect.poll(() => [...seen], { timeout: 10_000 }).toContain(`forwarder-${round}`);
    }
    asking = false;
    await Promise.all(clients);
    expect([...seen]).toEqual(['forwarder-0', 'forwarder-1', 'forwarder-2', 'forwarder-3']);
    expect([...rcodes.keys()]).toEqual([NOERROR]);
    expect(lines.filter(({ text }) => text.endsWith(': read again'))).toHaveLength(3);
  }, 30_000);
});
