import { describe, expect, it } from 'vitest';
import { DatagramClient, echoMessage, echoTcpServer, echoUdpServer, StreamClient } from './echo.ts';

const handles = (): string[] =>
  process.getActiveResourcesInfo().filter((name) => /TCP|UDP|Timeout/.test(name));

describe('a server that was closed', () => {
  it('leaves no handle behind over TCP, however often', async () => {
    const before = handles();
    for (let i = 0; i < 100; i++) {
      await using server = echoTcpServer({ idleTimeoutMs: 60_000 });
      const client = await StreamClient.connect(await server.listen());
      client.send(echoMessage('x'));
      await client.receive(5);
      client.close();
    }
    await expect.poll(handles).toEqual(before);
  });

  it('leaves no handle behind over UDP, however often', async () => {
    const before = handles();
    for (let i = 0; i < 100; i++) {
      await using server = echoUdpServer();
      const client = new DatagramClient(await server.listen());
      client.send('x');
      await client.receive(1);
      client.close();
    }
    await expect.poll(handles).toEqual(before);
  });
});
