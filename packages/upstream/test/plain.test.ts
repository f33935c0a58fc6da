import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { FrameParser, frame } from '@tridot/wire';
import { describe, expect, it } from 'vitest';
import type { UpstreamsOptions } from '../src/index.ts';
import { outgoing, qnameOf, responseTo } from './messages.ts';
import { names, Stage } from './stage.ts';

interface PlainServer extends AsyncDisposable {
  readonly port: number;
  readonly datagrams: { message: Buffer; from: RemoteInfo }[];
  readonly overTcp: Buffer[];
  /** `null` is silence. May be replaced. */
  reply: (query: Buffer, transport: 'udp' | 'tcp') => Buffer | null;
}

/** A DNS server without TLS on 127.0.0.1, UDP and TCP on one port. */
async function startPlainServer(reply: PlainServer['reply']): Promise<PlainServer> {
  const udp: Socket = createSocket('udp4');
  const tcp: Server = createServer((socket) => {
    const parser = new FrameParser();
    socket.on('error', () => {});
    socket.on('data', (chunk) =>
      parser.push(chunk, (query) => {
        self.overTcp.push(query);
        const response = self.reply(query, 'tcp');
        if (response !== null) socket.write(frame(response));
      }),
    );
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  const self: PlainServer = {
    port,
    datagrams: [],
    overTcp: [],
    reply,
    async [Symbol.asyncDispose]() {
      udp.close();
      tcp.close();
    },
  };
  udp.on('message', (message, from) => {
    self.datagrams.push({ message, from });
    const response = self.reply(message, 'udp');
    if (response !== null) udp.send(response, from.port, from.address);
  });
  return self;
}

const answered = (query: Buffer): Buffer => responseTo(query);

async function corp(
  stage: Stage,
  ports: readonly number[],
  transport: 'udp' | 'tcp',
  limits: UpstreamsOptions['limits'] = {},
) {
  const main = await stage.server();
  const servers = ports.map((port) => ({ transport, host: '127.0.0.1', port }) as const);
  return stage.upstreams([main], {
    groups: {
      corp: { servers, insecure: true, limits: { queryTimeoutMs: 1_000, patienceMs: 0, ...limits } },
    },
    routes: { 'corp.example.com': 'corp' },
  });
}

describe('plain DNS', () => {
  it('goes over UDP, unpadded, with an UDP size that holds there, and from several ports', async () => {
    await using stage = new Stage();
    await using server = await startPlainServer(answered);
    const { outcome } = await corp(stage, [server.port], 'udp');
    const asked = names(250).map((name) => `${name.replace('.example.com', '')}.corp.example.com`);
    for (const name of asked) expect(await outcome(name)).toBe(name);
    const [first] = server.datagrams;
    expect(first?.message.length).toBe(outgoing(asked[0] ?? '').message.length);
    expect(first?.message.readUInt16BE(first.message.length - 8)).toBe(1_232);
    expect(new Set(server.datagrams.map(({ from }) => from.port)).size).toBe(3);
    expect(server.overTcp).toEqual([]);
  });

  it('goes over to TCP for a response that does not fit', async () => {
    await using stage = new Stage();
    await using server = await startPlainServer((query, transport) => {
      const response = responseTo(query, { trailing: Buffer.alloc(transport === 'tcp' ? 4_000 : 0) });
      if (transport === 'udp') response[2] = (response[2] ?? 0) | 0x02;
      return response;
    });
    const { upstreams, seen } = await corp(stage, [server.port], 'udp');
    const { message, timings } = await upstreams.ask(outgoing('a.corp.example.com'));
    expect(message.length).toBeGreaterThan(4_000);
    expect([server.datagrams.length, server.overTcp.length, timings.sends]).toEqual([1, 1, 2]);
    expect(seen.retried).toEqual(['udp-truncated']);
    expect(seen.opened[0]?.protocol).toBe('TCP');
  });

  it('is asked again when a datagram is lost, and asked elsewhere when all are', async () => {
    await using stage = new Stage();
    await using first = await startPlainServer((query) =>
      first.datagrams.length > 1 ? responseTo(query) : null,
    );
    await using second = await startPlainServer(answered);
    const { outcome, seen } = await corp(stage, [first.port, second.port], 'udp', { udpRetryMs: 30 });
    expect(await outcome('a.corp.example.com')).toBe('a.corp.example.com');
    expect(seen.retried).toEqual(['udp-silent']);
    const [one, two] = first.datagrams;
    expect(one?.message.equals(two?.message ?? Buffer.alloc(0))).toBe(true);
    first.reply = () => null;
    first.datagrams.length = 0;
    const asked = Promise.all(['b', 'c'].map((name) => outcome(`${name}.corp.example.com`)));
    expect((await asked).every((what) => /^[bc]\.|TIMEOUT/.test(what))).toBe(true);
    expect(first.datagrams.length).toBeLessThanOrEqual(6);
    expect(await outcome('d.corp.example.com')).toBe('d.corp.example.com');
    expect(qnameOf(second.datagrams.at(-1)?.message ?? Buffer.alloc(0))).toBe('d.corp.example.com');
  });

  it.each(['udp', 'tcp'] as const)(
    'over %s goes to the second server when the first refuses',
    async (transport) => {
      await using stage = new Stage();
      const gone = await startPlainServer(answered);
      await gone[Symbol.asyncDispose]();
      await using second = await startPlainServer(answered);
      const { outcome } = await corp(stage, [gone.port, second.port], transport);
      expect(await outcome('a.corp.example.com')).toBe('a.corp.example.com');
      expect(await outcome('b.corp.example.com')).toBe('b.corp.example.com');
    },
  );

  it('ignores datagrams that answer another question or have another ID', async () => {
    await using stage = new Stage();
    const udp = createSocket('udp4');
    udp.bind(0, '127.0.0.1');
    await once(udp, 'listening');
    udp.on('message', (query, { port, address }) => {
      const wrongId = responseTo(query);
      wrongId.writeUInt16BE(wrongId.readUInt16BE(0) ^ 1, 0);
      const wrongName = responseTo(query);
      wrongName[13] = 0x7a;
      for (const each of [wrongId, wrongName, Buffer.alloc(3), responseTo(query, { rcode: 3 })])
        udp.send(each, port, address);
    });
    const { upstreams, seen } = await corp(stage, [udp.address().port], 'udp');
    const { message } = await upstreams.ask(outgoing('a.corp.example.com'));
    expect((message[3] ?? 0) & 15).toBe(3);
    expect(seen.strays).toEqual(['unknown-id', 'wrong-question']);
    udp.close();
  });

  it('is sent once for an UPDATE', async () => {
    await using stage = new Stage();
    await using server = await startPlainServer(() => null);
    const { outcome } = await corp(stage, [server.port], 'udp', { udpRetryMs: 20, queryTimeoutMs: 150 });
    expect(await outcome('a.corp.example.com', { opcode: 5 })).toBe('ERR_UPSTREAM_TIMEOUT');
    expect(server.datagrams).toHaveLength(1);
  });
});
