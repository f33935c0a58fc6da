import { type ListenerOptions, type QueryHandler, UNANSWERABLE_PORTS } from '@tridot/listener';
import { concurrent, type Datagram, type ServerEvent, UdpServer } from '@tridot/socketserver';
import { DatagramHandler } from './datagram-handler.ts';
import { LISTENER_EVENT } from './listener-event.ts';

/** The datagram side: which datagrams are never answered, and how many queries are answered at once. */
export class DatagramServer extends UdpServer {
  readonly #options: ListenerOptions;

  constructor(answer: QueryHandler, options: ListenerOptions) {
    super((datagram, server) => new DatagramHandler(datagram, server, answer), {
      address: options.address,
      port: options.port,
      admission: concurrent({ max: options.limits.maxInFlight }),
      receiveBufferBytes: options.limits.receiveBufferBytes,
    });
    this.#options = options;
  }

  protected override verifyRequest({ peer, returnAddress }: Datagram): boolean {
    if (!UNANSWERABLE_PORTS.has(peer.port) && !this.#isOurs(returnAddress, peer.port)) return true;
    this.#options.onEvent('unanswerable-dropped');
    return false;
  }

  /** A datagram that claims to come from this very socket: answering it would be talking to ourselves for ever. */
  #isOurs(address: string, port: number): boolean {
    return port === this.address?.port && address === this.address.address;
  }

  protected override handleError(error: unknown, datagram: Datagram | undefined): void {
    if (datagram === undefined) this.#options.onEvent('send-failed');
    else super.handleError(error, datagram);
  }

  protected override onEvent(event: ServerEvent): void {
    this.#options.onEvent(LISTENER_EVENT[event]);
  }
}
