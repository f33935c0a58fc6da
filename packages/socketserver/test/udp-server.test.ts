import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { concurrent, DatagramRequestHandler, type Step, sequential } from '../src/index.ts';
import { DatagramClient, echoUdpServer, RecordingUdpServer } from './echo.ts';

const cleanup: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanup.splice(0)) await undo();
});

async function start<S extends RecordingUdpServer>(
  server: S,
): Promise<{ server: S; client: DatagramClient }> {
  const client = new DatagramClient(await server.listen());
  cleanup.push(
    () => server.close(),
    () => client.close(),
  );
  return { server, client };
}

/** A server whose handlers answer when the test says so. */
function gatedServer(admission = concurrent()) {
  const gates: (() => void)[] = [];
  let onStarted = (): void => {};
  class Gated extends DatagramRequestHandler {
    override handle(): Step {
      return new Promise<void>((resolve) => {
        gates.push(resolve);
        onStarted();
      }).then(() => this.reply(this.packet));
    }
  }
  const server = new RecordingUdpServer((datagram, of) => new Gated(datagram, of), {
    address: '127.0.0.1',
    admission,
  });
  const started = (count: number): Promise<void> =>
    new Promise((resolve) => {
      onStarted = () => {
        if (gates.length >= count) resolve();
      };
      onStarted();
    });
  return { server, gates, started };
}

describe('UdpServer', () => {
  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])(
    'echoes datagrams on %s, empty ones too',
    async (address) => {
      const { server, client } = await start(echoUdpServer({ address }));
      for (const packet of ['one', '', 'three']) client.send(packet);
      expect((await client.receive(3)).sort()).toEqual(['', 'one', 'three']);
      expect(server.errors).toEqual([]);
    },
  );

  it('writes an IPv4 peer as IPv4 though the system maps it into IPv6', async () => {
    const peers: string[] = [];
    class PeerHandler extends DatagramRequestHandler {
      override handle(): void {
        peers.push(this.peer.address);
        this.reply(this.packet);
      }
    }
    const server = new RecordingUdpServer((datagram, of) => new PeerHandler(datagram, of), {
      address: '::ffff:127.0.0.1',
    });
    const { client } = await start(server);
    client.send('x');
    await client.receive(1);
    expect(peers).toEqual(['127.0.0.1']);
  });

  it('does not handle what verifyRequest refuses', async () => {
    const { client } = await start(echoUdpServer());
    client.send('!no');
    client.send('yes');
    expect(await client.receive(1)).toEqual(['yes']);
  });

  it.each(['setup', 'handle', 'finish'] as const)(
    'hands an error in %s to handleError and goes on',
    async (at) => {
      class Failing extends DatagramRequestHandler {
        #step(name: string): void {
          if (name === at && String(this.packet) === 'bad') throw new Error(at);
        }
        override setup(): void {
          this.#step('setup');
        }
        override handle(): void {
          this.#step('handle');
          this.reply(this.packet);
        }
        override async finish(): Promise<void> {
          this.#step('finish');
        }
      }
      const server = new RecordingUdpServer((datagram, of) => new Failing(datagram, of), {
        address: '127.0.0.1',
      });
      const { client } = await start(server);
      client.send('bad');
      client.send('good');
      expect(await client.receive(at === 'finish' ? 2 : 1)).toContain('good');
      expect(server.errors).toEqual([new Error(at)]);
      expect(server.running).toBe(0);
    },
  );

  it('hands an error of the factory to handleError', async () => {
    const server = new RecordingUdpServer(
      () => {
        throw new Error('no handler');
      },
      { address: '127.0.0.1' },
    );
    const { client } = await start(server);
    client.send('x');
    await expect.poll(() => server.errors).toEqual([new Error('no handler')]);
    expect(server.running).toBe(0);
  });

  it('drops and counts what comes while every place is taken', async () => {
    const { server, gates, started } = gatedServer(concurrent({ max: 2 }));
    const { client } = await start(server);
    for (const packet of ['1', '2', '3']) client.send(packet);
    await started(2);
    await expect.poll(() => server.events).toEqual(['request-dropped']);
    for (const open of gates) open();
    expect((await client.receive(2)).sort()).toEqual(['1', '2']);
  });

  it('handles one after another when sequential', async () => {
    const { server, gates, started } = gatedServer(sequential());
    const { client } = await start(server);
    for (const packet of ['1', '2', '3']) client.send(packet);
    for (const count of [1, 2, 3]) {
      await started(count);
      expect(server.running).toBe(1);
      gates[count - 1]?.();
      await client.receive(count);
    }
    expect(client.received.map(String)).toEqual(['1', '2', '3']);
  });

  it('counts what the system refuses to send', async () => {
    class TooMuch extends DatagramRequestHandler {
      override handle(): void {
        this.reply(Buffer.alloc(65_508));
        this.reply(Buffer.from('fine'));
      }
    }
    const server = new RecordingUdpServer((datagram, of) => new TooMuch(datagram, of), {
      address: '127.0.0.1',
    });
    const { client } = await start(server);
    client.send('x');
    expect(await client.receive(1)).toEqual(['fine']);
    expect(server.events).toEqual(['send-failed']);
  });
});

describe('close of a UdpServer', () => {
  it('lets replies in flight out, takes nothing more, and frees the port', async () => {
    const { server, gates, started } = gatedServer();
    const { client } = await start(server);
    client.send('before');
    await started(1);
    const closed = server.close({ graceMs: 10_000 });
    client.send('after');
    await new Promise(setImmediate);
    gates[0]?.();
    await closed;
    expect(await client.receive(1)).toEqual(['before']);
    expect(gates.length).toBe(1);
    const again = createSocket('udp4').bind(server.address?.port, '127.0.0.1');
    await once(again, 'listening');
    again.close();
  });

  it('does not wait longer than the grace, and drops the reply that comes later', async () => {
    const { server, gates, started } = gatedServer();
    const { client } = await start(server);
    client.send('x');
    await started(1);
    await server.close({ graceMs: 20 });
    gates[0]?.();
    await new Promise(setImmediate);
    expect([client.received, server.errors, server.events]).toEqual([[], [], []]);
  });

  it('is shortened by a second call', async () => {
    const { server, started } = gatedServer();
    const { client } = await start(server);
    client.send('x');
    await started(1);
    const first = server.close({ graceMs: 1_000_000 });
    await server.close();
    await first;
  });

  it('settles in every state', async () => {
    const unbound = echoUdpServer();
    await unbound.close();
    await expect(unbound.listen()).rejects.toMatchObject({ code: 'ERR_STATE' });
    const binding = echoUdpServer();
    const listening = binding.listen();
    await Promise.all([binding.close(), binding.close({ graceMs: 5 }), listening]);
    const taken = await start(echoUdpServer());
    const failing = echoUdpServer({ port: taken.server.address?.port ?? 0 });
    await expect(failing.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await failing.close();
  });
});
