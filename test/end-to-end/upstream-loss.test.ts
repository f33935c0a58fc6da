import { behaviours, createUdpClient, query, startUpstream } from '@tridot/testbed';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AUTH_NAME, startForwarder, testCa, upstreamFlags } from '../programs/servers.ts';

describe.each(['raw', 'framework', 'library'])('%s and its upstream', (strategy) => {
  it('answers 50 queries once each when the upstream is killed with all of them in flight', async () => {
    const upstream = await startUpstream({ ca: await testCa(), authName: AUTH_NAME });
    onTestFinished(() => upstream.close());
    const forwarder = await startForwarder(strategy, ...(await upstreamFlags(upstream.port)));
    const client = await createUdpClient({ address: '127.0.0.1', port: forwarder.port });
    onTestFinished(() => client.close());
    upstream.behave(behaviours.silence());
    for (let id = 0; id < 50; id++) await client.send(query({ name: `token-${id}.example.com`, id }));
    await upstream.waitForQueries(50);
    await upstream.kill();
    upstream.behave();
    await upstream.start();
    await client.waitForDatagrams(50);
    expect(new Set(client.datagrams.map(({ bytes }) => bytes.readUInt16BE(0))).size).toBe(50);
    expect(client.datagrams.filter(({ bytes }) => (bytes.readUInt8(3) & 0x0f) !== 0)).toEqual([]);
    await client.listenFor(300);
    expect(client.datagrams).toHaveLength(50);
  });

  it('asks 200 queries one after another over two connections at most', async () => {
    const upstream = await startUpstream({ ca: await testCa(), authName: AUTH_NAME });
    onTestFinished(() => upstream.close());
    const forwarder = await startForwarder(strategy, ...(await upstreamFlags(upstream.port)));
    const client = await createUdpClient({ address: '127.0.0.1', port: forwarder.port });
    onTestFinished(() => client.close());
    for (let id = 0; id < 200; id++) await client.ask(query({ name: `token-${id}.example.com`, id }));
    expect(upstream.journal.queries).toHaveLength(200);
    expect(upstream.journal.connections.length).toBeLessThanOrEqual(2);
  });
});
