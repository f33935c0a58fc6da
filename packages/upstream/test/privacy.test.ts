import { createSelfSigned } from '@tridot/testbed';
import { buildOutgoing, OPTION, walk } from '@tridot/wire';
import { describe, expect, it } from 'vitest';
import { outgoing } from './messages.ts';
import { startScriptedServer } from './scripted-server.ts';
import { AUTH_NAME, answer, names, Stage } from './stage.ts';

/** A client's query with a client subnet and one option more. */
function withSubnet() {
  const { message, questionEnd } = outgoing('a.example.com');
  const subnet = [0, OPTION.ECS, 0, 7, 0, 1, 24, 0, 192, 0, 2];
  const other = [0xfd, 0xe9, 0, 2, 1, 2];
  const opt = [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, subnet.length + other.length, ...subnet, ...other];
  const query = Buffer.concat([message.subarray(0, questionEnd), Buffer.from(opt)]);
  return buildOutgoing(query, walk(query));
}

const subnetOctets = Buffer.from([0, OPTION.ECS, 0, 7, 0, 1, 24, 0, 192, 0, 2]);
const otherOctets = Buffer.from([0xfd, 0xe9, 0, 2, 1, 2]);

describe('client subnets', () => {
  it.each([
    ['forward', true],
    ['strip', false],
  ] as const)('with %s: %s', async (ecs, present) => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer });
    const { upstreams } = await stage.upstreams([server], { ecs });
    await upstreams.ask(withSubnet());
    const [query] = server.queries;
    expect(query?.includes(subnetOctets)).toBe(present);
    expect(query?.includes(otherOctets)).toBe(true);
    expect((query?.length ?? 1) % 128).toBe(0);
    expect(query === undefined ? 'none' : walk(query).fault).toBe(null);
  });
});

describe('opportunistic encryption', () => {
  it.each([
    ['a certificate for another name', { dnsNames: ['dns.example.net'] }],
    [
      'a certificate that is not valid any more',
      { dnsNames: [AUTH_NAME], notBefore: new Date(0), notAfter: new Date(1e12) },
    ],
  ])('uses a server with %s, and says so', async (_what, leaf) => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer }, leaf);
    const { outcome, seen } = await stage.upstreams([{ port: server.port, authentication: 'opportunistic' }]);
    expect(await outcome('a.example.com')).toBe('a.example.com');
    expect(seen.opened[0]?.unauthenticated).toMatch(/certificate/);
  });

  it('uses a server that nobody vouches for, also when the session is resumed', async () => {
    await using stage = new Stage();
    const server = await startScriptedServer(await createSelfSigned({ dnsNames: [AUTH_NAME] }), {
      onQuery(query, connection) {
        answer(query, connection);
        connection.socket.end();
      },
    });
    const { outcome, seen } = await stage.upstreams([{ port: server.port, authentication: 'opportunistic' }]);
    for (const [index, name] of names(2).entries()) {
      expect(await outcome(name)).toBe(name);
      await server.ended(index);
    }
    expect(seen.opened.map(({ unauthenticated }) => unauthenticated !== undefined)).toEqual([true, true]);
    expect(seen.opened[1]?.resumed).toBe(true);
    await server.close();
  });

  it('says nothing of a server that proves who it is', async () => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer });
    const { outcome, seen } = await stage.upstreams([{ port: server.port, authentication: 'opportunistic' }]);
    await outcome('a.example.com');
    expect(seen.opened[0]).not.toHaveProperty('unauthenticated');
  });

  it('never falls back on clear text', async () => {
    await using stage = new Stage();
    const received: Buffer[] = [];
    const { createServer } = await import('node:net');
    const plain = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => received.push(chunk));
      socket.end();
    });
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const address = plain.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { outcome } = await stage.upstreams([{ port, authentication: 'opportunistic' }]);
    expect(await outcome('a.example.com')).toMatch(/^ERR_UPSTREAM_/);
    expect(received.every((chunk) => chunk[0] === 0x16)).toBe(true);
    plain.close();
  });
});

describe('SNI', () => {
  it('is left out when it is switched off, and the name is checked all the same', async () => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer });
    const other = await stage.server({ onQuery: answer }, { dnsNames: ['dns.example.net'] });
    const { outcome } = await stage.upstreams([{ port: server.port, sni: false }]);
    expect(await outcome('a.example.com')).toBe('a.example.com');
    const socket = server.connections[0]?.socket;
    expect(socket && 'servername' in socket && socket.servername).toBe(false);
    const wrong = await stage.upstreams([{ port: other.port, sni: false }]);
    expect(await wrong.outcome('a.example.com')).toBe('ERR_UPSTREAM_IDENTITY');
  });
});

describe('a limit of queries for each connection', () => {
  it('is kept, costs no query, and no session links the connections', async () => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer });
    const { outcome, seen } = await stage.upstreams([server], { limits: { maxQueriesPerConnection: 5 } });
    const asked = names(40);
    expect(await Promise.all(asked.map((name) => outcome(name)))).toEqual(asked);
    expect(Math.max(...server.connections.map(({ queries }) => queries.length))).toBe(5);
    expect(seen.opened.some(({ resumed }) => resumed)).toBe(false);
    expect(seen.closed.every(({ reason }) => reason === 'replaced')).toBe(true);
  });
});
