import { describe, expect, it, onTestFinished } from 'vitest';
import * as behaviours from '../src/behaviours/index.ts';
import { framed } from '../src/message.ts';
import { query } from '../src/query.ts';
import { connectTcp } from '../src/tcp-client.ts';
import { createTestCa } from '../src/test-ca.ts';
import { DotClient } from './dot-client.ts';
import { clientOf, numbered, upstreamWith } from './fixture.ts';

describe('servers that speak no TLS', () => {
  it('neverFinishHandshake stays silent and keeps what came', async () => {
    const upstream = await upstreamWith([behaviours.neverFinishHandshake()]);
    const client = new DotClient(upstream);
    onTestFinished(() => void client.socket.destroy());
    const connection = await upstream.journal.waitFor(
      () => upstream.journal.connections.find(({ firstOctets }) => firstOctets.length > 5),
      'the first octets',
    );
    expect(connection.firstOctets[0]).toBe(0x16);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([client.raw.bytesRead, client.secure, client.closed]).toEqual([0, false, false]);
  });

  it('speakPlainDns answers in clear', async () => {
    const upstream = await upstreamWith([behaviours.speakPlainDns()]);
    const tcp = await connectTcp({ address: upstream.host, port: upstream.port });
    onTestFinished(() => tcp.close());
    await tcp.sendMessage(query({ name: 'example.com' }));
    await tcp.waitForMessages(1);
    expect((tcp.messages[0]?.[2] ?? 0) & 0x80).toBe(0x80);
    expect(await new DotClient(upstream).failed()).toMatch(/SSL/);
    expect(upstream.journal.queryCount).toBe(0);
  });

  it.each([
    ['speakHttp', behaviours.speakHttp(), /SSL/],
    ['replayRaw', behaviours.replayRaw(Buffer.from('160303000402000000', 'hex')), /SSL/],
    ['handshakeAlert', behaviours.handshakeAlert(), /HANDSHAKE_FAILURE/],
    ['handshakeAlert 120', behaviours.handshakeAlert(120), /APPLICATION_PROTOCOL/],
    ['resetOnAccept', behaviours.resetOnAccept(), /ECONNRESET/],
  ])('%s fails the handshake', async (_name, behaviour, code) => {
    const upstream = await upstreamWith([behaviour]);
    expect(await new DotClient(upstream).failed()).toMatch(code);
  });

  it('floodBeforeServerHello sends as much as is taken', async () => {
    const upstream = await upstreamWith([behaviours.floodBeforeServerHello(5_000_000)]);
    const tcp = await connectTcp({ address: upstream.host, port: upstream.port });
    await tcp.send(framed(query({ name: 'example.com' })));
    await tcp.waitForBytes(5_000_000);
    await tcp.close();
    expect(await new DotClient(upstream).failed()).toMatch(/SSL/);
  });
});

describe('TLS that is wrong', () => {
  it('tls11Only is refused by a client of TLS 1.2 and met by an old one', async () => {
    const upstream = await upstreamWith([behaviours.tls11Only()]);
    expect(await new DotClient(upstream, { minVersion: 'TLSv1.2' }).failed()).toMatch(/PROTOCOL/);
    const old = new DotClient(upstream, { minVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' });
    onTestFinished(() => void old.socket.destroy());
    await old.connected();
    expect(old.socket.getProtocol()).toBe('TLSv1.1');
  });

  it('tls12Only', async () => {
    const client = await clientOf(await upstreamWith([behaviours.tls12Only()]));
    expect(client.socket.getProtocol()).toBe('TLSv1.2');
  });

  it('presentCertificate shows another certificate', async () => {
    const stranger = await (await createTestCa()).issue({ dnsNames: ['dot.example.com'] });
    const upstream = await upstreamWith([behaviours.presentCertificate(stranger)]);
    expect(await new DotClient(upstream).failed()).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    upstream.behave();
    await clientOf(upstream);
  });

  it('alpn: no protocol in common, and none at all', async () => {
    const upstream = await upstreamWith([behaviours.alpn(['h2'])]);
    expect(await new DotClient(upstream).failed()).toMatch(/APPLICATION_PROTOCOL/);
    upstream.behave(behaviours.alpn(null));
    expect((await clientOf(upstream)).socket.alpnProtocol).toBe(false);
  });

  it('alertAfter breaks an established connection', async () => {
    const upstream = await upstreamWith([behaviours.alertAfter(1)]);
    const client = await clientOf(upstream);
    client.send(...numbered(1));
    await client.until(() => client.error !== null, 'an error');
    expect(client.error?.message).toMatch(/bad record type/);
  });

  it('stopReading lets the client fill its own queue', async () => {
    const upstream = await upstreamWith([behaviours.stopReading()]);
    const client = await clientOf(upstream);
    await upstream.journal.waitForHandshake(1);
    client.socket.write(Buffer.alloc(20_000_000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.socket.writableLength).toBeGreaterThan(5_000_000);
    expect(upstream.journal.queryCount).toBeLessThan(10);
  });
});
