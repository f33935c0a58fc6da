import dnsPacket from 'dns-packet';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hold } from '../src/behaviours/index.ts';
import { startEmbeddedUpstream } from '../src/embedded.ts';
import { query } from '../src/query.ts';
import { DotClient } from './dot-client.ts';
import { clientOf, numbered, sharedCa, upstreamWith } from './fixture.ts';

describe('an upstream without behaviours', () => {
  it('answers over verified TLS', async () => {
    const upstream = await upstreamWith();
    const client = await clientOf(upstream);
    const response = dnsPacket.decode(await client.ask(query({ name: 'example.com', id: 7 })));
    expect(response.id).toBe(7);
    expect(response.answers).toMatchObject([{ name: 'example.com', type: 'A', data: '192.0.2.1' }]);
  });

  it('answers all that one write brought', async () => {
    const upstream = await upstreamWith();
    const client = await clientOf(upstream);
    client.send(...numbered(200));
    const messages = await client.received(200);
    expect(messages.map((message) => message.readUInt16BE(0))).toEqual(
      Array.from({ length: 200 }, (_, id) => id),
    );
  });

  it('listens on IPv6', async () => {
    const upstream = await upstreamWith([], { host: '::1' });
    const client = await clientOf(upstream);
    expect(dnsPacket.decode(await client.ask(query({ name: 'example.com' }))).answers).toHaveLength(1);
  });

  it('rejects a port that is taken', async () => {
    const upstream = await upstreamWith();
    await expect(upstreamWith([], { port: upstream.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('the journal', () => {
  it('keeps the octets of each query and the connection it came on', async () => {
    const upstream = await upstreamWith();
    const [first, second] = [await clientOf(upstream), await clientOf(upstream)];
    const queries = numbered(2);
    await first.ask(queries[0] ?? Buffer.alloc(0));
    await second.ask(queries[1] ?? Buffer.alloc(0));
    expect(upstream.journal.queries.map(({ bytes, connection }) => [bytes, connection])).toEqual([
      [queries[0], 1],
      [queries[1], 2],
    ]);
  });

  it('keeps what the handshake agreed on', async () => {
    const upstream = await upstreamWith();
    await clientOf(upstream);
    const connection = await upstream.journal.waitForHandshake(1);
    expect(connection.tls).toEqual({
      sni: 'dot.example.com',
      alpn: 'dot',
      protocol: 'TLSv1.3',
      resumed: false,
    });
    expect(connection.firstOctets.subarray(0, 2)).toEqual(Buffer.from([0x16, 0x03]));
  });

  it('sees that there was no SNI and no ALPN', async () => {
    const upstream = await upstreamWith();
    const client = new DotClient(upstream, {
      servername: '',
      ALPNProtocols: [],
      checkServerIdentity: () => undefined,
    });
    onTestFinished(() => void client.socket.destroy());
    await client.connected();
    expect((await upstream.journal.waitForHandshake(1)).tls).toMatchObject({ sni: null, alpn: null });
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('sees a resumed session, %s', async (version) => {
    const upstream = await upstreamWith();
    const options = { minVersion: version, maxVersion: version };
    const first = await new DotClient(upstream, options).connected();
    await first.ask(query({ name: 'example.com' }));
    await first.until(() => first.session !== null, 'a session');
    first.socket.destroy();
    const session = first.session ?? Buffer.alloc(0);
    const second = await new DotClient(upstream, { ...options, session }).connected();
    onTestFinished(() => void second.socket.destroy());
    expect((await upstream.journal.waitForHandshake(2)).tls).toMatchObject({
      protocol: version,
      resumed: true,
    });
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('counts application records, %s', async (version) => {
    const upstream = await upstreamWith();
    const client = await new DotClient(upstream, { minVersion: version, maxVersion: version }).connected();
    onTestFinished(() => void client.socket.destroy());
    const question = query({ name: 'example.com' });
    await client.ask(question);
    client.socket.write(Buffer.from([0]));
    await new Promise((resolve) => client.socket.write(Buffer.from([question.length]), resolve));
    client.socket.write(question);
    await client.received(2);
    expect(upstream.journal.connections[0]?.recordBytes).toEqual([
      question.length + 2,
      1,
      1,
      question.length,
    ]);
  });

  it('tells close_notify, FIN and RST apart', async () => {
    const upstream = await upstreamWith();
    const clients = [await clientOf(upstream), await clientOf(upstream), await clientOf(upstream)];
    await upstream.journal.waitForHandshake(3);
    clients[0]?.socket.end();
    clients[1]?.raw.end();
    clients[2]?.raw.resetAndDestroy();
    expect((await upstream.journal.waitForEnd(1)).end).toBe('close-notify');
    expect((await upstream.journal.waitForEnd(2)).end).toBe('fin');
    expect((await upstream.journal.waitForEnd(3)).end).toBe('reset');
  });

  it('keeps why the client refused', async () => {
    const upstream = await upstreamWith();
    const client = new DotClient(upstream, {
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
      ciphers: 'AES128-SHA',
    });
    await client.failed();
    const connection = await upstream.journal.waitForEnd(1);
    expect(connection.tls).toBeNull();
    expect(connection.tlsError?.message).toMatch(/no shared cipher/);
  });

  it('fails a wait that is in vain, and says how far it got', async () => {
    const upstream = await upstreamWith();
    const client = await clientOf(upstream);
    await client.ask(query({ name: 'example.com' }));
    await expect(upstream.waitForQueries(2, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'ERR_TESTBED_TIMEOUT',
      message: 'waited 20 ms in vain for 2 queries, of which 1 came',
    });
  });
});

describe('stopping and starting', () => {
  it('stop closes in order and frees the port; start takes the same port', async () => {
    const upstream = await upstreamWith();
    const client = await clientOf(upstream);
    const { port } = upstream;
    await upstream.stop();
    await client.until(() => client.closed, 'the end');
    expect([client.ended, client.error]).toEqual([true, null]);
    expect(await new DotClient(upstream).failed()).toBe('ECONNREFUSED');
    await upstream.start();
    expect(upstream.port).toBe(port);
    await (await clientOf(upstream)).ask(query({ name: 'example.com' }));
  });

  it('kill resets connections with queries in flight', async () => {
    const upstream = await upstreamWith([hold()]);
    const client = await clientOf(upstream);
    client.send(...numbered(50));
    await upstream.waitForQueries(50);
    await upstream.kill();
    expect(await client.failed()).toBe('ECONNRESET');
    expect(client.messages).toHaveLength(0);
    expect(upstream.connections.size).toBe(0);
    expect(upstream.journal.connections[0]?.end).toBe('upstream');
  });

  it('close may be called twice and after stop', async () => {
    const upstream = await upstreamWith();
    await upstream.stop();
    await upstream.close();
    await upstream.close();
  });
});

describe('the embedded upstream', () => {
  it('answers, counts, and keeps nothing', async () => {
    const upstream = await startEmbeddedUpstream();
    onTestFinished(() => upstream.close());
    const client = await clientOf(upstream);
    client.send(...numbered(100));
    await client.received(100);
    expect(upstream.journal.queryCount).toBe(100);
    expect(upstream.journal.queries).toHaveLength(0);
    expect(upstream.journal.connectionCount).toBe(1);
  });

  it('is killed and stopped like any other', async () => {
    const upstream = await startEmbeddedUpstream();
    onTestFinished(() => upstream.close());
    const client = await clientOf(upstream);
    await client.ask(query({ name: 'example.com' }));
    await upstream.kill();
    expect(await client.failed()).toBe('ECONNRESET');
    await upstream.start();
    const second = await clientOf(upstream);
    await upstream.stop();
    await second.until(() => second.closed, 'the end');
    expect(second.error).toBeNull();
  });
});

describe('a shared CA', () => {
  it('is used for every upstream that is given it', async () => {
    const [one, other] = [await upstreamWith(), await upstreamWith()];
    expect(one.caPem).toBe((await sharedCa()).pem);
    expect(other.caPem).toBe(one.caPem);
  });
});
