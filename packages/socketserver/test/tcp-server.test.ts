import { connect as connectSocket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Connection, StreamRequestHandler, sequential } from '../src/index.ts';
import { echoMessage, echoTcpServer, RecordingTcpServer, StreamClient } from './echo.ts';

const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0)) await undo();
});

async function start<S extends RecordingTcpServer>(server: S): Promise<S> {
  await server.listen();
  cleanup.push(() => server.close());
  return server;
}

async function connect(server: RecordingTcpServer): Promise<StreamClient> {
  if (server.address === undefined) throw new Error('not bound');
  const client = await StreamClient.connect(server.address);
  cleanup.push(() => client.close());
  return client;
}

/** A connection that is known to be served, and idle since just now. */
async function idleConnection(server: RecordingTcpServer): Promise<StreamClient> {
  const client = await connect(server);
  client.send(echoMessage('ping'));
  await client.receive(echoMessage('ping').length);
  return client;
}

describe('TcpServer', () => {
  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])(
    'echoes on %s, however the octets are cut',
    async (address) => {
      const server = await start(echoTcpServer({ address }));
      const client = await connect(server);
      const message = echoMessage('hello');
      for (const octet of message) client.send(Buffer.from([octet]));
      client.send(Buffer.concat([message, message, message.subarray(0, 3)]));
      client.send(message.subarray(3));
      expect(await client.receive(4 * message.length)).toEqual(
        Buffer.concat([message, message, message, message]),
      );
    },
  );

  it('still answers a peer that has closed its side, then closes too', async () => {
    const server = await start(echoTcpServer());
    const client = await connect(server);
    const message = echoMessage('x'.repeat(300_000));
    client.socket.end(message);
    expect(await client.end()).toEqual(message);
    await expect.poll(() => server.connections).toBe(0);
  });

  it('carries much data through a peer that reads late', async () => {
    const server = await start(echoTcpServer());
    const client = await connect(server);
    const message = echoMessage('x'.repeat(8_000_000));
    client.socket.pause();
    client.socket.end(message);
    await new Promise(setImmediate);
    client.socket.resume();
    expect((await client.end()).equals(message)).toBe(true);
  });

  it('survives a reset and counts it', async () => {
    const server = await start(echoTcpServer());
    const client = await idleConnection(server);
    client.socket.resetAndDestroy();
    await expect.poll(() => server.events).toEqual(['connection-opened', 'connection-failed']);
    await idleConnection(server);
    expect(server.errors).toEqual([]);
    await expect.poll(() => server.running).toBe(1);
  });

  it('reports a peer that leaves in the middle of a message to the handler', async () => {
    const server = await start(echoTcpServer());
    const client = await connect(server);
    client.socket.end(echoMessage('hello').subarray(0, 6));
    expect(await client.end()).toEqual(Buffer.alloc(0));
    expect(server.errors).toMatchObject([{ code: 'ERR_INCOMPLETE_READ', partial: Buffer.from('he') }]);
  });

  it.each(['setup', 'handle', 'finish'] as const)('an error in %s ends that connection alone', async (at) => {
    const steps: string[] = [];
    class Failing extends StreamRequestHandler {
      #step(name: string): void {
        steps.push(name);
        if (name === at) throw new Error(at);
      }
      override setup(): void {
        this.#step('setup');
      }
      override async handle(): Promise<void> {
        this.#step('handle');
        await this.readExactly(1);
      }
      override finish(): void {
        this.#step('finish');
      }
    }
    const server = await start(
      new RecordingTcpServer((connection) => new Failing(connection), { address: '127.0.0.1' }),
    );
    const [client, other] = [await connect(server), await connect(server)];
    client.send(Buffer.from('x'));
    await client.end();
    expect(server.errors[0]).toEqual(new Error(at));
    if (at === 'finish') expect(other.over).toBe(false);
    expect(steps).toContain('finish');
  });

  it('handles one connection after another when sequential', async () => {
    const server = await start(echoTcpServer({ admission: sequential(), evictIdle: false }));
    const first = await idleConnection(server);
    const second = await connect(server);
    second.send(echoMessage('second'));
    await idleConnectionAnswers(first);
    expect([second.received.length, server.running]).toEqual([0, 1]);
    first.socket.end();
    await first.end();
    expect(await second.receive(10)).toEqual(echoMessage('second'));
  });
});

async function idleConnectionAnswers(client: StreamClient): Promise<void> {
  const before = client.received.length;
  client.send(echoMessage('pong'));
  await client.receive(before + 8);
}

describe('limits of a TcpServer', () => {
  it('ends a connection that is idle, in order, and leaves one that is not', async () => {
    const server = await start(echoTcpServer({ idleTimeoutMs: 150 }));
    const idle = await connect(server);
    const since = performance.now();
    await idle.end();
    const tookMs = performance.now() - since;
    expect(tookMs).toBeGreaterThan(140);
    expect(tookMs).toBeLessThan(400);
    expect(server.events).toEqual(['connection-opened', 'connection-idle']);
  });

  it('does not take octets for progress', async () => {
    const server = await start(echoTcpServer({ idleTimeoutMs: 150 }));
    const loris = await connect(server);
    const since = performance.now();
    const drip = setInterval(() => loris.socket.write('x'), 30);
    cleanup.push(() => clearInterval(drip));
    await loris.end();
    expect(performance.now() - since).toBeLessThan(400);
  });

  it('does not call a connection idle while it owes something', async () => {
    const events: string[] = [];
    class Slow extends StreamRequestHandler {
      override async handle(): Promise<void> {
        while ((await this.readExactly(1)) !== null) {
          this.begin();
          await new Promise((resolve) => setTimeout(resolve, 250));
          await this.write(Buffer.from('.'));
          events.push('answered');
          this.end();
        }
        events.push('over');
      }
    }
    const server = await start(
      new RecordingTcpServer((connection) => new Slow(connection), {
        address: '127.0.0.1',
        idleTimeoutMs: 100,
      }),
    );
    const client = await connect(server);
    client.send(Buffer.from('?'));
    expect(await client.end()).toEqual(Buffer.from('.'));
    expect(events).toEqual(['answered', 'over']);
  });

  it('makes room by ending the connection that has been idle longest', async () => {
    const server = await start(echoTcpServer({ admission: { max: 3, backlog: 0 } }));
    const clients = [
      await idleConnection(server),
      await idleConnection(server),
      await idleConnection(server),
    ];
    const [first, second, third] = clients;
    if (first !== undefined) await idleConnectionAnswers(first);
    const fourth = await idleConnection(server);
    await second?.end();
    expect([first?.over, third?.over, fourth.over]).toEqual([false, false, false]);
    expect(server.events.filter((event) => event !== 'connection-opened')).toEqual(['connection-evicted']);
    await expect.poll(() => server.running).toBe(3);
  });

  it('refuses a connection when none is idle', async () => {
    class Busy extends StreamRequestHandler {
      override async handle(): Promise<void> {
        this.begin();
        await this.readExactly(1);
        this.end();
      }
    }
    const server = await start(
      new RecordingTcpServer((connection) => new Busy(connection), {
        address: '127.0.0.1',
        admission: { max: 1, backlog: 0 },
      }),
    );
    const first = await connect(server);
    await expect.poll(() => server.running).toBe(1);
    const second = await connect(server);
    await second.end().catch(() => {});
    expect([server.events, first.over]).toEqual([['connection-opened', 'connection-refused'], false]);
  });

  it('holds each address to its own limit', async () => {
    const server = await start(echoTcpServer({ maxPerAddress: 1 }));
    const first = await idleConnection(server);
    const second = await idleConnection(server);
    await first.end();
    expect(second.over).toBe(false);
    second.close();
    await expect.poll(() => server.running).toBe(0);
    await idleConnection(server);
    expect(server.events.filter((event) => event === 'connection-evicted').length).toBe(1);
  });

  it('disconnects a peer that reads nothing, with bounded memory', async () => {
    const sizes: number[] = [];
    class Flood extends StreamRequestHandler {
      override async handle(): Promise<void> {
        for (;;) {
          await this.write(Buffer.alloc(60_000));
          sizes.push(process.memoryUsage().arrayBuffers);
        }
      }
    }
    const server = await start(
      new RecordingTcpServer((connection) => new Flood(connection), {
        address: '127.0.0.1',
        writeStallMs: 150,
      }),
    );
    const client = await connect(server);
    client.socket.pause();
    await expect.poll(() => server.events, { timeout: 5_000 }).toContain('connection-stalled');
    expect(Math.max(...sizes) - (sizes[0] ?? 0)).toBeLessThan(20_000_000);
    await expect.poll(() => server.connections).toBe(0);
    expect(server.errors).toEqual([]);
  });

  it('does not call a peer stalled that reads slowly', async () => {
    const server = await start(echoTcpServer({ writeStallMs: 200 }));
    const socket = connectSocket({ port: server.address?.port ?? 0, allowHalfOpen: true });
    cleanup.push(() => socket.destroy());
    socket.end(echoMessage('x'.repeat(30_000_000)));
    let read = 0;
    const since = performance.now();
    await new Promise<void>((resolve) => {
      socket.on('end', resolve);
      // One chunk every few milliseconds: in all it takes longer than the limit.
      socket.on('data', (chunk) => {
        read += chunk.length;
        socket.pause();
        setTimeout(() => socket.resume(), 2);
      });
    });
    expect(read).toBe(30_000_004);
    expect(performance.now() - since).toBeGreaterThan(400);
    expect(server.events).toEqual(['connection-opened']);
  });

  it('does not call a connection idle, nor evict it, while its last answer waits to be read', async () => {
    const server = await start(echoTcpServer({ idleTimeoutMs: 100, admission: { max: 1, backlog: 0 } }));
    class Sender extends StreamRequestHandler {
      override async handle(): Promise<void> {
        // More than the kernel holds, and nobody waits for it to leave.
        void this.write(Buffer.alloc(30_000_000));
        await this.readExactly(1);
      }
    }
    const stuck = await start(
      new RecordingTcpServer((connection) => new Sender(connection), {
        address: '127.0.0.1',
        idleTimeoutMs: 100,
        admission: { max: 1, backlog: 0 },
      }),
    );
    const [slow, idle] = [await connect(stuck), await connect(server)];
    slow.socket.pause();
    await idle.end();
    const refused = await connect(stuck);
    await refused.end().catch(() => {});
    expect(stuck.events).toEqual(['connection-opened', 'connection-refused']);
    slow.socket.removeAllListeners('data');
    slow.socket.resume();
    await slow.end();
    expect(stuck.events).toEqual(['connection-opened', 'connection-refused', 'connection-idle']);
  });

  it('closes a connection whose peer does not close, once it has lingered', async () => {
    class Bye extends StreamRequestHandler {
      override async handle(): Promise<void> {
        await this.write(Buffer.from('bye'));
      }
    }
    const server = await start(
      new RecordingTcpServer((connection) => new Bye(connection), { address: '127.0.0.1', lingerMs: 60 }),
    );
    const client = await connect(server);
    for (let i = 0; i < 5; i++) client.send(Buffer.alloc(1_000));
    expect(await client.end()).toEqual(Buffer.from('bye'));
    await expect.poll(() => server.connections).toBe(0);
  });
});

describe('close of a TcpServer', () => {
  it('ends idle connections, waits for those that are busy, frees the port, and leaves nothing', async () => {
    let answer = (): void => {};
    class Gated extends StreamRequestHandler {
      override async handle(): Promise<void> {
        while ((await this.readExactly(1)) !== null) {
          await new Promise<void>((resolve) => {
            answer = resolve;
          });
          await this.write(Buffer.from('!'));
        }
      }
    }
    const server = await start(
      new RecordingTcpServer((connection: Connection) => new Gated(connection), { address: '127.0.0.1' }),
    );
    const [busy, idle] = [await connect(server), await connect(server)];
    busy.send(Buffer.from('?'));
    await expect.poll(() => String(answer)).not.toBe('() => {}');
    const closed = server.close({ graceMs: 10_000 });
    expect(await idle.end()).toEqual(Buffer.alloc(0));
    idle.socket.end();
    busy.send(Buffer.from('ignored'));
    answer();
    expect(await busy.end()).toEqual(Buffer.from('!'));
    busy.socket.end();
    await closed;
    expect([server.connections, server.running]).toEqual([0, 0]);
    const again = await start(echoTcpServer({ port: server.address?.port ?? 0 }));
    await idleConnection(again);
  });

  it('does not wait for clients that never close', async () => {
    const server = await start(echoTcpServer({ lingerMs: 100 }));
    const clients = await Promise.all(Array.from({ length: 20 }, () => idleConnection(server)));
    for (const client of clients.slice(10)) client.socket.end();
    const since = performance.now();
    await server.close({ graceMs: 10_000 });
    expect(performance.now() - since).toBeLessThan(1_000);
    await Promise.all(clients.map((client) => client.end()));
  });

  it('settles in every state', async () => {
    const unbound = echoTcpServer();
    await unbound.close();
    await expect(unbound.listen()).rejects.toMatchObject({ code: 'ERR_STATE' });
    const binding = echoTcpServer();
    const listening = binding.listen();
    await Promise.all([binding.close(), binding.close({ graceMs: 5 }), listening]);
    const taken = await start(echoTcpServer());
    const failing = echoTcpServer({ port: taken.address?.port ?? 0 });
    await expect(failing.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await failing.close();
  });

  it('ends serveForever', async () => {
    const server = echoTcpServer();
    const served = server.serveForever();
    await server.listen();
    await server.close();
    await served;
  });
});
