import type {
  BoundAddress,
  Client,
  Listener,
  ListenerOptions,
  QueryHandler,
  Strategy,
} from '@tridot/listener';
import Packet from 'native-dns-multisocket/lib/packet.js';
import {
  createTCPServer,
  createUDPServer,
  type Peer,
  type Request,
  type Response,
} from 'native-dns-multisocket/lib/server.js';
import { bound, closed } from './fences/server.ts';

/** Where the library's own answers end: it writes no message longer than this. */
const MAX_WRITTEN_BYTES = 4_096;

/**
 * The library as it is shipped and as its README shows it: `request` comes in parsed, `response.send()` goes out. One
 * datagram can stop it for good and one reset can end it, so it belongs in a process of its own that somebody watches. For
 * comparison only.
 */
export const libraryUnfenced: Strategy = {
  name: 'library-unfenced',
  create: (handler, options) => new UnfencedListener(handler, options),
};

class UnfencedListener implements Listener {
  readonly #options: ListenerOptions;
  readonly #server: ReturnType<typeof createUDPServer> | ReturnType<typeof createTCPServer>;

  constructor(handler: QueryHandler, options: ListenerOptions) {
    this.#options = options;
    const answer = naiveAnswer(handler, options);
    if (options.transport === 'udp') {
      const type = options.address.includes(':') ? 'udp6' : 'udp4';
      this.#server = createUDPServer({ dgram_type: { type } }).on('request', answer);
    } else {
      this.#server = createTCPServer().on('request', answer);
    }
  }

  async listen(): Promise<BoundAddress> {
    const { transport, address, port } = this.#options;
    const listening = bound(this.#server);
    this.#server.serve({ address, host: address, port });
    await listening;
    const at = this.#server._socket.address();
    if (at === null || typeof at === 'string') throw new Error('the socket has no address');
    return { transport, address: at.address, port: at.port };
  }

  /** Does what the library does: TCP connections stay as they are, so this may never settle. */
  close(): Promise<void> {
    return closed(this.#server);
  }
}

function naiveAnswer(handler: QueryHandler, options: ListenerOptions) {
  return async <R>(request: Request<R>, response: Response<R>): Promise<void> => {
    const query = Buffer.alloc(MAX_WRITTEN_BYTES);
    const length = Packet.write(query, request);
    const reply = await handler(query.subarray(0, length), clientOf(request.address, options));
    if (!Buffer.isBuffer(reply)) return;
    const { header, question, answer, authority, additional } = Packet.parse(reply);
    Object.assign(response, { header, question, answer, authority, additional });
    response.send();
  };
}

function clientOf(peer: Peer, { transport }: ListenerOptions): Client {
  return { transport, address: peer.address, port: peer.port };
}
