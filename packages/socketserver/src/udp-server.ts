import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { type Admission, concurrent } from './admission.ts';
import type { BaseRequestHandler } from './base-request-handler.ts';
import { BaseServer, type HandlerFactory } from './base-server.ts';
import { checkedLimit } from './limits.ts';
import { isPlainIPv6, type Peer, type ServerAddress, unmapped } from './peer.ts';

/** Options of a {@link UdpServer}; the numbers, their ranges and defaults are in `SERVER_LIMITS`. */
export interface UdpServerOptions {
  /** Local address, IPv4 or IPv6. A wildcard address replies from whatever address the system picks. */
  readonly address: string;
  /** Default 0: the system chooses. */
  readonly port?: number;
  /** How many datagrams are handled at a time. Default `concurrent()`. */
  readonly admission?: Admission;
  readonly receiveBufferBytes?: number;
}

/** One datagram: what a datagram server hands to its handlers. */
export interface Datagram {
  readonly packet: Buffer;
  readonly peer: Peer;
  /** The peer's address as the socket writes it. */
  readonly returnAddress: string;
}

/** Serves datagrams: each is one request. */
export class UdpServer extends BaseServer<Datagram> {
  readonly #options: UdpServerOptions;
  readonly #createHandler: HandlerFactory<Datagram, UdpServer>;
  readonly #receiveBufferBytes: number;
  #socket: Socket | undefined;
  #sending = 0;

  /** @throws {OptionError} ERR_OPTION: an option is out of its range */
  constructor(createHandler: HandlerFactory<Datagram, UdpServer>, options: UdpServerOptions) {
    super(options.admission ?? concurrent());
    this.#options = options;
    this.#createHandler = createHandler;
    this.#receiveBufferBytes = checkedLimit('receiveBufferBytes', options.receiveBufferBytes);
  }

  /** The receive buffer that the system granted, in octets; 0 while no socket is bound. */
  get grantedReceiveBufferBytes(): number {
    return this.#socket?.getRecvBufferSize() ?? 0;
  }

  /** Sends a datagram to the peer of another one. What the system refuses is an event, never an error. */
  send(packet: Uint8Array, to: Datagram): void {
    // The server was closed before its handler was done.
    if (this.#socket === undefined) return;
    try {
      this.#socket.send(packet, to.peer.port, to.returnAddress, this.#onSent);
      this.#sending += 1;
    } catch {
      // Port 0 is refused by an exception.
      this.onEvent('send-failed');
    }
  }

  protected override async bind(): Promise<ServerAddress> {
    const { address, port = 0 } = this.#options;
    const socket = createSocket({
      type: isIPv6(address) ? 'udp6' : 'udp4',
      ipv6Only: isPlainIPv6(address),
      // Peers are addresses already: asking the resolver would cost each datagram a turn of the event loop.
      lookup: (host, _options, callback) => callback(null, host, isIPv6(host) ? 6 : 4),
    });
    // With such a lookup the outcome is there before `bind` returns, so it must be listened for first.
    const listening = once(socket, 'listening');
    try {
      socket.bind({ address, port, exclusive: true });
      await listening;
    } catch (error) {
      socket.close();
      throw error;
    }
    socket.on('error', (error) => this.handleError(error, undefined));
    socket.on('message', this.#onMessage);
    this.#socket = socket;
    this.#enlargeReceiveBuffer(socket);
    const bound = socket.address();
    return { address: bound.address, port: bound.port };
  }

  protected override createHandler(datagram: Datagram): BaseRequestHandler {
    return this.#createHandler(datagram, this);
  }

  protected override stopTaking(): void {
    // The socket stays for the replies that are owed; what arrives meanwhile is not looked at.
    this.#socket?.off('message', this.#onMessage);
  }

  protected override isQuiet(): boolean {
    return this.#sending === 0;
  }

  protected override async letGo(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) await new Promise<void>((resolve) => socket.close(resolve));
  }

  readonly #onMessage = (packet: Buffer, remote: RemoteInfo): void => {
    const returnAddress = remote.address;
    const address = remote.family === 'IPv6' ? unmapped(returnAddress) : returnAddress;
    const peer = address === returnAddress ? remote : { address, port: remote.port };
    this.handleRequest({ packet, peer, returnAddress });
  };

  readonly #onSent = (error: Error | null): void => {
    this.#sending -= 1;
    if (error) this.onEvent('send-failed');
    if (this.#sending === 0) this.settle();
  };

  #enlargeReceiveBuffer(socket: Socket): void {
    if (this.#receiveBufferBytes === 0) return;
    try {
      socket.setRecvBufferSize(this.#receiveBufferBytes);
    } catch (error) {
      // The default of the system serves too.
      this.handleError(error, undefined);
    }
  }
}
