import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { framed } from '../src/message.ts';
import { query } from '../src/query.ts';
import { connectTcp, type TcpClient } from '../src/tcp-client.ts';
import { createUdpClient } from '../src/udp-client.ts';
import { answerFromZone } from '../src/zone.ts';

const asked = query({ name: 'example.com', id: 7 });
const other = query({ name: 'www.example.com', id: 7 });
const reply = (message: Buffer) => answerFromZone(message) ?? Buffer.alloc(0);

async function udpServer(answer: (message: Buffer) => readonly Buffer[]) {
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    for (const each of answer(message)) socket.send(each, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  const client = await createUdpClient({ address: '127.0.0.1', port: socket.address().port });
  onTestFinished(() => client.close());
  return client;
}

describe('the UDP client', () => {
  it('matches an answer by ID and question', async () => {
    const client = await udpServer((message) => [reply(other), reply(message)]);
    expect(await client.ask(asked)).toEqual(reply(asked));
    expect(client.datagrams).toHaveLength(2);
    expect(client.datagrams[0]?.address).toBe('127.0.0.1');
  });

  it('fails a wait that is in vain', async () => {
    const client = await udpServer(() => []);
    await expect(client.ask(asked, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'ERR_TESTBED_TIMEOUT' });
    expect(await client.listenFor(10)).toEqual([]);
  });

  it('survives a port where nobody listens', async () => {
    const client = await createUdpClient({ address: '127.0.0.1', port: 9 });
    await client.send(asked);
    await client.send(asked);
    expect(await client.listenFor(20)).toEqual([]);
    await client.close();
  });
});

async function tcpServer(serve: (socket: Socket) => void): Promise<TcpClient> {
  const server: Server = createServer({ allowHalfOpen: true }, serve);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const client = await connectTcp({ address: '127.0.0.1', port: address.port });
  onTestFinished(async () => {
    await client.close();
    server.close();
  });
  return client;
}

describe('the TCP client', () => {
  it('matches an answer by ID and question', async () => {
    const client = await tcpServer((socket) =>
      socket.on('data', () => socket.write(Buffer.concat([framed(reply(other)), framed(reply(asked))]))),
    );
    expect(await client.ask(asked)).toEqual(reply(asked));
    expect(await client.answerTo(other)).toEqual(reply(other));
  });

  it('sends pieces one after another', async () => {
    const pieces: number[] = [];
    const client = await tcpServer((socket) => socket.on('data', (octets) => pieces.push(octets.length)));
    await client.sendSplit(framed(asked), [1, 2, 10], 20);
    await expect.poll(() => pieces, { timeout: 5_000 }).toEqual([1, 1, 8, framed(asked).length - 10]);
  });

  it('goes on reading after its half-close, and sees the end', async () => {
    const client = await tcpServer((socket) => {
      socket.resume();
      socket.on('end', () => socket.end(framed(reply(asked))));
    });
    await client.sendMessages([asked, asked]);
    client.halfClose();
    await client.waitForMessages(1);
    expect(await client.waitForEnd()).toBe('fin');
  });

  it('tells a reset from an end', async () => {
    const client = await tcpServer((socket) => socket.on('data', () => socket.resetAndDestroy()));
    await client.send(framed(asked));
    expect(await client.waitForEnd()).toBe('reset');
  });

  it('cuts with RST', async () => {
    let code = '';
    const client = await tcpServer((socket) => {
      socket.resume();
      socket.on('error', (error) => {
        code = 'code' in error ? String(error.code) : 'none';
      });
    });
    await client.send(framed(asked));
    client.reset();
    await expect.poll(() => code, { timeout: 5_000 }).toBe('ECONNRESET');
  });

  it('counts what is not whole yet', async () => {
    const client = await tcpServer((socket) => socket.write(Buffer.from([0, 9, 1, 2])));
    await client.waitForBytes(4);
    expect([client.pendingBytes, client.messages]).toEqual([4, []]);
  });

  it('rejects a port where nobody listens', async () => {
    await expect(connectTcp({ address: '127.0.0.1', port: 9 })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  });
});
