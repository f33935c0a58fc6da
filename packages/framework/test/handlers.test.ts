import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { framed, queryFor, TcpClient, UdpClient } from '../../../test/listener/clients.ts';
import { defaultLimits, serve } from '../../../test/listener/subject.ts';
import { DatagramServer } from '../src/datagram-server.ts';
import { framework } from '../src/index.ts';

const THROWS = queryFor('throws');
const REJECTS = queryFor('rejects');

/** Breaks the contract of a handler in both ways that there are. */
function faulty(query: Buffer): Buffer | Promise<Buffer> {
  if (query.equals(THROWS)) throw new Error('thrown');
  return query.equals(REJECTS) ? Promise.reject(new Error('rejected')) : query;
}

describe('a query handler that fails', () => {
  it('ends that connection alone, after its other replies, and is told of', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => told.mockRestore());
    const { at } = await serve(framework, 'tcp', faulty);
    const other = await TcpClient.to(at);
    for (const query of [THROWS, REJECTS]) {
      const client = (await TcpClient.to(at)).send(framed(queryFor('fine'), query));
      expect(await client.untilEnd()).toEqual([queryFor('fine')]);
    }
    expect(told.mock.calls.map((call) => call[1])).toEqual([new Error('thrown'), new Error('rejected')]);
    expect(await other.send(framed(queryFor('still-here'))).next(1)).toHaveLength(1);
  });

  it('costs one datagram, and is told of', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => told.mockRestore());
    const { at } = await serve(framework, 'udp', faulty);
    const client = await UdpClient.to(at);
    client.send(THROWS).send(REJECTS).send(queryFor('fine'));
    expect(await client.next(1)).toEqual([queryFor('fine')]);
    expect(told.mock.calls.map((call) => call[1])).toEqual([new Error('thrown'), new Error('rejected')]);
  });
});

describe('datagrams that are never answered', () => {
  class Exposed extends DatagramServer {
    accepts(address: string, port: number): boolean {
      return this.verifyRequest({ packet: Buffer.alloc(0), peer: { address, port }, returnAddress: address });
    }
  }

  it('are those from ports of services that answer anything, and from the listener itself', async () => {
    const onEvent = vi.fn();
    const options = {
      transport: 'udp',
      address: '127.0.0.1',
      port: 0,
      limits: defaultLimits(),
      onEvent,
    } as const;
    const server = new Exposed(() => null, options);
    onTestFinished(() => server.close());
    const { port } = await server.listen();
    for (const bad of [0, 7, 13, 19, 37]) expect(server.accepts('192.0.2.1', bad)).toBe(false);
    expect(server.accepts('127.0.0.1', port)).toBe(false);
    expect(onEvent.mock.calls).toEqual(Array(6).fill(['unanswerable-dropped']));
    for (const good of [1, 53, 1024, port]) expect(server.accepts('192.0.2.1', good)).toBe(true);
    expect(server.accepts('127.0.0.1', 53)).toBe(true);
  });
});
