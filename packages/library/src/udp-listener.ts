import type { SocketOptions } from 'node:dgram';
import { isIPv6 } from 'node:net';
import {
  type BoundAddress,
  type CloseOptions,
  type Listener,
  type ListenerOptions,
  type QueryHandler,
  type Reply,
  UNANSWERABLE_PORTS,
} from '@tridot/listener';
import {
  createUDPServer,
  type DatagramOutlet,
  type DatagramRemote,
  type Peer,
  type UdpServer,
} from 'native-dns-multisocket/lib/server.js';
import { datagramOutlet, sendReply } from './fences/replies.ts';
import { guardParser } from './fences/request-path.ts';
import { bound, closed, ListenerClosedError } from './fences/server.ts';
import { InFlight } from './in-flight.ts';

/** Serves UDP through the library's `UDPServer`: one datagram is one query, one reply is one datagram. */
export class UdpListener implements Listener {
  readonly #handler: QueryHandler;
  readonly #options: ListenerOptions;
  readonly #inFlight: InFlight;
  readonly #sending = new InFlight(Number.POSITIVE_INFINITY);
  readonly #server: UdpServer;
  readonly #outlet: DatagramOutlet;
  #bound: Promise<BoundAddress> | undefined;
  #closed: Promise<void> | undefined;
  #address = '';
  #port = 0;

  constructor(handler: QueryHandler, options: ListenerOptions) {
    this.#handler = handler;
    this.#options = options;
    this.#inFlight = new InFlight(options.limits.maxInFlight);
    this.#server = createUDPServer({ dgram_type: socketOptions(options.address) });
    this.#outlet = datagramOutlet(this.#server._socket, this.#onSent);
    const answer = guardParser(this.#server, this.#serve);
    this.#server.handleMessage = (query, remote, peer) => {
      if (this.#admits(peer)) answer(query, remote, peer);
    };
  }

  listen(): Promise<BoundAddress> {
    this.#bound ??= this.#bind();
    return this.#bound;
  }

  close({ graceMs = 0 }: CloseOptions = {}): Promise<void> {
    this.#closed ??= this.#shutDown(graceMs);
    return this.#closed;
  }

  async #bind(): Promise<BoundAddress> {
    const { address, port, limits } = this.#options;
    if (this.#closed !== undefined) throw new ListenerClosedError();
    const socket = this.#server._socket;
    const listening = bound(this.#server);
    try {
      this.#server.serve({ address, port, exclusive: true });
      await listening;
    } catch (error) {
      await closed(this.#server);
      throw error;
    }
    this.#server.on('socketError', () => this.#options.onEvent('send-failed'));
    ({ address: this.#address, port: this.#port } = socket.address());
    if (limits.receiveBufferBytes > 0) this.#enlargeReceiveBuffer(limits.receiveBufferBytes);
    const receiveBufferBytes = socket.getRecvBufferSize();
    return { transport: 'udp', address: this.#address, port: this.#port, receiveBufferBytes };
  }

  #enlargeReceiveBuffer(bytes: number): void {
    try {
      this.#server._socket.setRecvBufferSize(bytes);
    } catch {
      // The system grants no more than it wants to; what it granted is told with the bound address.
    }
  }

  #admits(peer: Peer): boolean {
    return this.#closed === undefined && this.#isAnswerable(peer) && this.#hasRoom();
  }

  /**
   * Fence: datagrams that must not be answered go no further.
   *
   * Without it an answer to port 0 throws, and one to an echo service or to ourselves starts an exchange without end.
   */
  #isAnswerable({ address, port }: Peer): boolean {
    const isOurs = port === this.#port && address === this.#address;
    if (!isOurs && !UNANSWERABLE_PORTS.has(port)) return true;
    this.#options.onEvent('unanswerable-dropped');
    return false;
  }

  /**
   * Fence: datagrams that are too many go no further.
   *
   * Without it the library takes all of them, and those that wait for a slow upstream fill the memory.
   */
  #hasRoom(): boolean {
    if (!this.#inFlight.full) return true;
    this.#options.onEvent('overload-dropped');
    return false;
  }

  readonly #serve = (query: Buffer, remote: DatagramRemote, peer: Peer): void => {
    const reply = this.#handler(query, { transport: 'udp', address: peer.address, port: peer.port });
    if (reply instanceof Promise) this.#answerLater(reply, remote);
    else this.#answer(reply, remote);
  };

  async #answerLater(reply: Promise<Reply>, remote: DatagramRemote): Promise<void> {
    this.#inFlight.enter();
    this.#answer(await reply, remote);
    this.#inFlight.leave();
  }

  #answer(reply: Reply, remote: DatagramRemote): void {
    if (!Buffer.isBuffer(reply)) return;
    remote._socket = this.#outlet;
    if (sendReply(remote, reply)) this.#sending.enter();
    else this.#options.onEvent('send-failed');
  }

  readonly #onSent = (error: Error | null): void => {
    this.#sending.leave();
    if (error) this.#options.onEvent('send-failed');
  };

  async #shutDown(graceMs: number): Promise<void> {
    const deadline = performance.now() + graceMs;
    if (this.#bound !== undefined && (await settled(this.#bound)) === 'failed') return;
    await this.#inFlight.idle(deadline - performance.now());
    await this.#sending.idle(deadline - performance.now());
    await closed(this.#server);
  }
}

function socketOptions(address: string): SocketOptions {
  const family = isIPv6(address) ? 6 : 4;
  return {
    type: family === 6 ? 'udp6' : 'udp4',
    ipv6Only: family === 6,
    // Clients are addresses already: asking the resolver would cost each reply a turn of the event loop.
    lookup: (literal, _options, callback) => callback(null, literal, family),
  };
}

function settled(promise: Promise<unknown>): Promise<'done' | 'failed'> {
  return promise.then(
    () => 'done',
    () => 'failed',
  );
}
