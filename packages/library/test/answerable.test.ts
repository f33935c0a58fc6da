import { UNANSWERABLE_PORTS } from '@tridot/listener';
import type { DatagramRemote } from 'native-dns-multisocket/lib/server.js';
import { createUDPServer } from 'native-dns-multisocket/lib/server.js';
import { describe, expect, it, vi } from 'vitest';
import { queryFor } from '../../../test/listener/clients.ts';
import { serve } from '../../../test/listener/subject.ts';
import { library } from '../src/index.ts';

vi.mock('native-dns-multisocket/lib/server.js', async (original) => {
  const actual = await original<typeof import('native-dns-multisocket/lib/server.js')>();
  return { ...actual, createUDPServer: vi.fn(actual.createUDPServer) };
});

/** Puts a datagram into the library where the kernel would, so that its source can be anything. */
function arrive(query: Buffer, address: string, port: number): void {
  const server = vi.mocked(createUDPServer).mock.results.at(-1)?.value;
  const socket = server?._socket;
  socket?.emit('message', query, { address, port, family: 'IPv4', size: query.length });
}

describe('datagrams that must not be answered', () => {
  it.each([...UNANSWERABLE_PORTS])('drops what comes from port %i', async (port) => {
    const handler = vi.fn((query: Buffer) => query);
    const { events } = await serve(library, 'udp', handler);
    arrive(queryFor('a'), '127.0.0.1', port);
    expect(handler).not.toHaveBeenCalled();
    expect(events).toEqual(['unanswerable-dropped']);
  });

  it('drops what claims to come from itself, and takes port 53', async () => {
    const handler = vi.fn((_query: Buffer) => null);
    const { at, events } = await serve(library, 'udp', handler);
    arrive(queryFor('a'), at.address, at.port);
    expect(events).toEqual(['unanswerable-dropped']);
    arrive(queryFor('a'), '127.0.0.1', 53);
    expect(handler).toHaveBeenCalledOnce();
  });

  it('leaves the way back to the library', async () => {
    const { at } = await serve(library, 'udp', (query) => query);
    const server = vi.mocked(createUDPServer).mock.results.at(-1)?.value;
    const sent: number[] = [];
    const remote: DatagramRemote = {
      _socket: { send: () => {} },
      buffer: (size) => Buffer.alloc(size),
      send: (length) => sent.push(length),
    };
    server?.handleMessage(queryFor('a'), remote, { address: '127.0.0.1', port: at.port - 1 });
    expect(sent).toEqual([queryFor('a').length]);
  });
});
