import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { UpstreamOptionError } from '../src/index.ts';
import { outgoing, PROBE_NAME, qnameOf, responseTo } from './messages.ts';
import { startScriptedServer } from './scripted-server.ts';
import { AUTH_NAME, answer, askOnce, names, Stage, sharedCa } from './stage.ts';

describe('connections to one server', () => {
  it('are at most two from a cold start with 500 queries, and one is enough', async () => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer });
    const { outcome } = await stage.upstreams([server]);
    const asked = names(500);
    expect(await Promise.all(asked.map((name) => outcome(name)))).toEqual(asked);
    expect(server.accepted).toBe(1);
  });

  it('become two when every message ID of the first is in use, and then queries wait', async () => {
    await using stage = new Stage();
    const server = await stage.server();
    const { outcome } = await stage.upstreams([server], { limits: { maxInFlightPerConnection: 4 } });
    const asked = names(20);
    const answers = Promise.all(asked.map((name) => outcome(name)));
    await server.received(8);
    expect(server.connections.map(({ queries }) => queries.length)).toEqual([4, 4]);
    server.onQuery = answer;
    for (const connection of server.connections) {
      for (const query of [...connection.queries]) connection.send(responseTo(query));
    }
    expect(await answers).toEqual(asked);
    expect(server.accepted).toBe(2);
  });

  it('work one query at a time when only one ID may be in use', async () => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer });
    const limits = { maxInFlightPerConnection: 1, maxConnections: 1 };
    const { outcome } = await stage.upstreams([server], { limits });
    const asked = names(30);
    expect(await Promise.all(asked.map((name) => outcome(name)))).toEqual(asked);
    expect(server.accepted).toBe(1);
  });

  it('hold no more queries back than they may', async () => {
    await using stage = new Stage();
    const server = await stage.server();
    const limits = { maxInFlightPerConnection: 1, maxConnections: 1, maxWaiting: 2, queryTimeoutMs: 200 };
    const { outcome } = await stage.upstreams([server], { limits });
    const first = outcome('a.example.com');
    await server.received(1);
    const others = await Promise.all(names(5).map((name) => outcome(name)));
    expect(others.filter((code) => code === 'ERR_UPSTREAM_OVERLOADED')).toHaveLength(3);
    expect(await first).toBe('ERR_UPSTREAM_TIMEOUT');
  });

  it('take no more queries than the server reads', async () => {
    await using stage = new Stage();
    const server = await stage.server({ onConnection: ({ socket }) => socket.pause() });
    const limits = { maxQueuedBytes: 16_384, queryTimeoutMs: 300, stallTimeoutMs: 200, backoffMinMs: 10 };
    const { upstreams } = await stage.upstreams([server], { limits });
    const small = outgoing('a.example.com', { edns: true });
    const message = Buffer.concat([small.message, Buffer.alloc(60_000)]);
    const asked = Array.from({ length: 400 }, () => upstreams.ask({ ...small, message, optOffset: -1 }));
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  });
});

describe('a server that cannot be reached', () => {
  it('has queries fail within a second when it refuses connections', async () => {
    await using stage = new Stage();
    const port = await unusedPort();
    const { outcome, seen } = await stage.upstreams([{ port }]);
    const startedMs = performance.now();
    expect(await outcome('a.example.com')).toBe('ERR_UPSTREAM_UNREACHABLE');
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    expect(seen.failed[0]?.message).toMatch(/ECONNREFUSED.*\(dial\)/);
    expect(seen.failed[0]?.ede).toBe(22);
  });

  it('answers the queries that waited for it to come back', async () => {
    await using stage = new Stage();
    const port = await unusedPort();
    const { outcome, seen } = await stage.upstreams([{ port }], { limits: { backoffMinMs: 50 } });
    const waiting = outcome('a.example.com');
    await until(() => seen.failed.length > 0);
    const server = await startScriptedServer(await (await sharedCa()).issue({ dnsNames: [AUTH_NAME] }), {
      onQuery: answer,
      port,
    });
    expect(await waiting).toBe('a.example.com');
    await server.close();
  });

  it('is answered again after it was killed with 50 in flight and started anew', async () => {
    await using stage = new Stage();
    const leaf = await (await sharedCa()).issue({ dnsNames: [AUTH_NAME] });
    const first = await startScriptedServer(leaf, {
      onQuery(query, connection) {
        if (connection.queries.length <= 20) answer(query, connection);
      },
    });
    const { outcome } = await stage.upstreams([first], { limits: { backoffMinMs: 50 } });
    const asked = names(50);
    const answers = Promise.all(asked.map((name) => outcome(name)));
    await first.received(50);
    await first.close();
    const second = await startScriptedServer(leaf, { onQuery: answer, port: first.port });
    expect(await answers).toEqual(asked);
    await second.close();
  });

  it('is not dialled for each query when its certificate is bad', async () => {
    await using stage = new Stage();
    const server = await stage.server({}, { dnsNames: ['dns.example.net'] });
    const { outcome } = await stage.upstreams([server]);
    const endMs = performance.now() + 2_000;
    let asked = 0;
    while (performance.now() < endMs) {
      expect(await outcome('a.example.com')).toBe('ERR_UPSTREAM_IDENTITY');
      asked++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(asked).toBeGreaterThan(200);
    expect(server.accepted).toBeLessThanOrEqual(5);
  });

  it('is given up when its TLS handshake never ends', async () => {
    await using stage = new Stage();
    const mute = createServer((socket) => socket.on('error', () => {}));
    mute.listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const limits = { handshakeTimeoutMs: 50, patienceMs: 0 };
    const { outcome, seen } = await stage.upstreams([{ port: (mute.address() as AddressInfo).port }], {
      limits,
    });
    expect(await outcome('a.example.com')).toBe('ERR_UPSTREAM_UNREACHABLE');
    expect(seen.failed[0]?.message).toMatch(/TLS handshake not finished within 50 ms \(handshake\)/);
    mute.close();
  });

  it.each([
    ['plain DNS', Buffer.from([0, 12, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('at the TLS level, since it speaks %s, is told apart', async (_what, greeting) => {
    await using stage = new Stage();
    const received: Buffer[] = [];
    const plain = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => received.push(chunk));
      socket.write(greeting);
    });
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const { outcome } = await stage.upstreams([{ port: (plain.address() as AddressInfo).port }]);
    expect(await outcome('a.example.com')).toBe('ERR_UPSTREAM_TLS');
    // The first octet is that of a TLS handshake record, and nothing in clear follows.
    const stream = Buffer.concat(received);
    expect(stream.length === 0 || stream[0] === 0x16).toBe(true);
    expect(stream.includes('example\x03com\x00\x00\x01')).toBe(false);
    plain.close();
  });
});

describe('several servers', () => {
  it('are asked in order of preference', async () => {
    await using stage = new Stage();
    const first = await stage.server({ onQuery: answer });
    const second = await stage.server({ onQuery: answer });
    const { outcome } = await stage.upstreams([first, second]);
    for (const name of names(10)) await outcome(name);
    expect([first.queries.length, second.accepted]).toEqual([10, 0]);
  });

  it('stand in for one that refuses connections, and for one with a bad certificate', async () => {
    await using stage = new Stage();
    const bad = await stage.server({ onQuery: answer }, { dnsNames: ['dns.example.net'] });
    const good = await stage.server({ onQuery: answer });
    const { upstreams } = await stage.upstreams([{ port: await unusedPort() }, bad, good]);
    const answers = await Promise.all(names(20).map((name) => upstreams.ask(outgoing(name))));
    expect(new Set(answers.map(({ upstream }) => upstream))).toEqual(new Set([upstreams.names[2]]));
    expect(bad.queries).toEqual([]);
  });

  it('stand in for one that takes queries and is silent', async () => {
    await using stage = new Stage();
    const silent = await stage.server();
    const good = await stage.server({ onQuery: answer });
    const { outcome } = await stage.upstreams([silent, good], { limits: { stallTimeoutMs: 50 } });
    const asked = names(20);
    expect(await Promise.all(asked.map((name) => outcome(name)))).toEqual(asked);
    expect(good.queries).toHaveLength(20);
  });

  it('give way to the first one as soon as that is back', async () => {
    await using stage = new Stage();
    const port = await unusedPort();
    const second = await stage.server({ onQuery: answer });
    const { outcome, seen, upstreams } = await stage.upstreams([{ port }, second], {
      limits: { backoffMinMs: 20 },
    });
    expect(await outcome('a.example.com')).toBe('a.example.com');
    const leaf = await (await sharedCa()).issue({ dnsNames: [AUTH_NAME] });
    const first = await startScriptedServer(leaf, { onQuery: answer, port });
    while (seen.opened.at(-1)?.upstream === upstreams.names[1] || first.queries.length < 2)
      expect(await outcome('b.example.com')).toBe('b.example.com');
    expect(seen.opened.map(({ upstream }) => upstream).at(-1)).toContain(`:${port}#`);
    expect(qnameOf(first.queries[0] ?? Buffer.alloc(0))).toBe(PROBE_NAME);
    await outcome('c.example.com');
    expect(first.queries.map(qnameOf).at(-1)).toBe('c.example.com');
    await first.close();
  });
});

describe('closing', () => {
  it('waits for answers, then ends connections in order', async () => {
    await using stage = new Stage();
    const server = await stage.server();
    const { upstreams, outcome } = await stage.upstreams([server]);
    const pending = outcome('a.example.com');
    await server.received(1);
    const closed = upstreams.close({ graceMs: 5_000 });
    expect(await outcome('b.example.com')).toBe('ERR_UPSTREAM_CLOSED');
    const [query] = server.queries;
    if (query !== undefined) server.connections[0]?.send(responseTo(query));
    expect(await pending).toBe('a.example.com');
    await closed;
    await server.ended(0);
  });

  it('does not wait longer than the grace, and not at all when asked again', async () => {
    await using stage = new Stage();
    const server = await stage.server();
    const { upstreams, outcome } = await stage.upstreams([server]);
    const pending = outcome('a.example.com');
    await server.received(1);
    const slow = upstreams.close({ graceMs: 60_000 });
    await upstreams.close();
    expect(await pending).toBe('ERR_UPSTREAM_CLOSED');
    await slow;
  });

  it('settles before anything was asked, while dialling, and twice', async () => {
    await using stage = new Stage();
    const server = await stage.server();
    const idle = await stage.upstreams([server]);
    await idle.upstreams.close();
    await idle.upstreams.close();
    const dialling = await stage.upstreams([server]);
    const pending = dialling.outcome('a.example.com');
    await dialling.upstreams.close();
    expect(await pending).toBe('ERR_UPSTREAM_CLOSED');
  });

  it.each([
    ['answered', 'answered'],
    ['refused', 'ERR_UPSTREAM_IDENTITY'],
  ])('leaves neither timer nor socket behind after a query was %s', async (_what, expected) => {
    await using stage = new Stage();
    const dnsNames = [expected === 'answered' ? AUTH_NAME : 'dns.example.net'];
    const { port } = await stage.server({ onQuery: answer }, { dnsNames });
    const { pem } = await sharedCa();
    const { outcome, left } = await askOnce({
      servers: [{ host: '127.0.0.1', port, authName: AUTH_NAME }],
      ca: pem,
    });
    expect({ outcome, left }).toEqual({ outcome: expected, left: [] });
  });
});

describe('options', () => {
  const server = { host: '192.0.2.1', port: 853, authName: 'dns.example.com' };

  it.each([
    [/servers: expected at least one/, { servers: [] }],
    [/servers\[0\]\.host: .* not "a b"/, { servers: [{ ...server, host: 'a b' }] }],
    [/servers\[0\]\.port: .* not 0/, { servers: [{ ...server, port: 0 }] }],
    [
      /servers\[1\]\.authName: .* not "\.example\.com"/,
      { servers: [server, { ...server, authName: '.example.com' }] },
    ],
    [/ca: expected PEM/, { servers: [server], ca: 'nonsense' }],
    [
      /ca: certificate 1 cannot be read/,
      { servers: [server], ca: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
    ],
    [
      /limits\.maxSends: expected an integer from 1 to 3, not 4/,
      { servers: [server], limits: { maxSends: 4 } },
    ],
  ])('that cannot be used are refused: %s', async (message, options) => {
    const { createUpstreams } = await import('../src/index.ts');
    expect(() => createUpstreams(options)).toThrow(UpstreamOptionError);
    expect(() => createUpstreams(options)).toThrow(message);
  });
});

/** A port that refuses connections: it was bound a moment ago. */
async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
