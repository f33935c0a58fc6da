/**
 * Strategy 2: two request handlers on the server framework of `@tridot/socketserver`.
 *
 *   UDP   UdpServer ─ datagram ───► DatagramHandler.handle ──────► QueryHandler ──► reply()
 *   TCP   TcpServer ─ connection ─► StreamHandler.handle ─ frame ► QueryHandler ──► write(), in any order
 *                                   StreamHandler.finish waits for the replies that are owed
 *
 * The framework owns sockets, admission, idle and stalled connections, eviction and the drain. What is left for this
 * package is the framing and which datagrams are never answered.
 */
import type { Listener, ListenerOptions, QueryHandler, Strategy } from '@tridot/listener';
import { DatagramServer } from './datagram-server.ts';
import { StreamServer } from './stream-server.ts';

export const framework: Strategy = { name: 'framework', create };

function create(handler: QueryHandler, options: ListenerOptions): Listener {
  return options.transport === 'udp' ? datagramListener(handler, options) : streamListener(handler, options);
}

function datagramListener(handler: QueryHandler, options: ListenerOptions): Listener {
  const server = new DatagramServer(handler, options);
  return {
    listen: async () => {
      const { address, port } = await server.listen();
      return { transport: 'udp', address, port, receiveBufferBytes: server.grantedReceiveBufferBytes };
    },
    close: (closing) => server.close(closing),
  };
}

function streamListener(handler: QueryHandler, options: ListenerOptions): Listener {
  const server = new StreamServer(handler, options);
  return {
    listen: async () => ({ transport: 'tcp', ...(await server.listen()) }),
    close: (closing) => server.close(closing),
  };
}
