import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
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
import { InFlight } from './in-flight.ts';

/** Serves UDP: one datagram is one query, one reply is one datagram. */
export class UdpListener implements Listener {
  readonly #handler: QueryHandler;
  readonly #options: ListenerOptions;
  readonly #inFlight: InFlight;
  readonly #socket: Socket;
  #bound: Promise<BoundAddress> | undefined;
  #closed: Promise<void> | undefined;
  #address = '';
  #port = 0;

  constructor(handler: QueryHandler, options: ListenerOptions) {
    this.#handler = handler;
    this.#options = options;
    this.#inFlight = new InFlight(options.limits.maxInFlight);
    const ipv6Only = isIPv6(options.address);
    this.#socket = createSocket({
      type: ipv6Only ? 'udp6' : 'udp4',
      ipv6Only,
      // Clients are addresses already: asking the resolver would cost each reply a turn of the event loop.
      lookup: (address, _options, callback) => callback(null, address, isIPv6(address) ? 6 : 4),
    });
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
    const socket = this.#socket;
    try {
      const listening = once(socket, 'listening');
      socket.bind({ address, port, exclusive: true });
      await listening;
      if (limits.receiveBufferBytes > 0) socket.setRecvBufferSize(limits.receiveBufferBytes);
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.on('error', this.#onError);
    if (this.#closed === undefined) socket.on('message', this.#onDatagram);
    ({ address: this.#address, port: this.#port } = socket.address());
    return {
      transport: 'udp',
      address: this.#address,
      port: this.#port,
      receiveBufferBytes: socket.getRecvBufferSize(),
    };
  }

  readonly #onDatagram = (query: Buffer, remote: RemoteInfo): void => {
    if (UNANSWERABLE_PORTS.has(remote.port) || this.#isOurs(remote)) {
      this.#options.onEvent('unanswerable-dropped');
      return;
    }
    if (this.#inFlight.full) {
      this.#options.onEvent('overload-dropped');
      return;
    }
    const reply = this.#handler(query, { transport: 'udp', address: remote.address, port: remote.port });
    if (reply instanceof Promise) this.#answerLater(reply, remote);
    else this.#send(reply, remote);
  };

  /** A datagram that claims to come from this very socket: answering it would be talking to ourselves for ever. */
  #isOurs(remote: RemoteInfo): boolean {
    return remote.port === this.#port && remote.address === this.#address;
  }

  async #answerLater(reply: Promise<Reply>, remote: RemoteInfo): Promise<void> {
    this.#inFlight.enter();
    this.#send(await reply, remote);
    this.#inFlight.leave();
  }

  #send(reply: Reply, remote: RemoteInfo): void {
    if (!Buffer.isBuffer(reply)) return;
    try {
      this.#socket.send(reply, remote.port, remote.address, this.#onSent);
    } catch {
      // The socket was closed before the reply was there, or the kernel gave us an address it does not take back.
      this.#options.onEvent('send-failed');
    }
  }

  readonly #onSent = (error: Error | null): void => {
    if (error) this.#options.onEvent('send-failed');
  };

  readonly #onError = (): void => {
    this.#options.onEvent('send-failed');
  };

  async #shutDown(graceMs: number): Promise<void> {
    // The socket stays open for the replies that are owed; what arrives meanwhile is not looked at.
    this.#socket.off('message', this.#onDatagram);
    const bound = await this.#bound?.catch(() => undefined);
    await this.#inFlight.idle(graceMs);
    if (this.#bound !== undefined && bound === undefined) return;
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }
}
