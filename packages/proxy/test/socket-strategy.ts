/** The smallest strategy with real sockets: UDP is served, TCP is only bound. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, isIPv6 } from 'node:net';
import type {
  BoundAddress,
  Listener,
  ListenerOptions,
  QueryHandler,
  Reply,
  Strategy,
} from '@tridot/listener';

export const socketStrategy: Strategy = {
  name: 'socket',
  create: (handler, options) => (options.transport === 'udp' ? udp(handler, options) : tcp(options)),
};

function udp(handler: QueryHandler, { address, port }: ListenerOptions): Listener {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  const owed = new Set<Promise<void>>();
  let open = true;
  return {
    async listen(): Promise<BoundAddress> {
      socket.on('message', (query, remote) => {
        const client = { transport: 'udp', address: remote.address, port: remote.port } as const;
        const reply = answer(socket, handler(query, client), client).finally(() => owed.delete(reply));
        owed.add(reply);
      });
      socket.bind(port, address);
      await once(socket, 'listening');
      return { transport: 'udp', address, port: socket.address().port };
    },
    async close({ graceMs = 0 } = {}): Promise<void> {
      if (!open) return;
      open = false;
      let timer: NodeJS.Timeout | undefined;
      const grace = new Promise((resolve) => {
        timer = setTimeout(resolve, graceMs);
      });
      await Promise.race([Promise.all(owed), grace]);
      clearTimeout(timer);
      socket.close();
    },
  };
}

async function answer(
  socket: Socket,
  pending: Reply | Promise<Reply>,
  client: { address: string; port: number },
): Promise<void> {
  const reply = await pending;
  if (!Buffer.isBuffer(reply)) return;
  await new Promise((resolve) => socket.send(reply, client.port, client.address, resolve));
}

function tcp({ address, port }: ListenerOptions): Listener {
  const server = createServer((socket) => socket.destroy());
  return {
    async listen(): Promise<BoundAddress> {
      server.listen(port, address);
      await once(server, 'listening');
      const bound = server.address();
      return {
        transport: 'tcp',
        address,
        port: typeof bound === 'object' && bound !== null ? bound.port : port,
      };
    },
    async close(): Promise<void> {
      server.close();
    },
  };
}
