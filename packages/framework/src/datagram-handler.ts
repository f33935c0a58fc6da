import type { QueryHandler, Reply } from '@tridot/listener';
import { type Datagram, DatagramRequestHandler, type Step, type UdpServer } from '@tridot/socketserver';

/** One datagram: a query in, at most one reply out. Without a promise when the reply is ready. */
export class DatagramHandler extends DatagramRequestHandler {
  readonly #answer: QueryHandler;

  constructor(datagram: Datagram, server: UdpServer, answer: QueryHandler) {
    super(datagram, server);
    this.#answer = answer;
  }

  override handle(): Step {
    const { address, port } = this.peer;
    const reply = this.#answer(this.packet, { transport: 'udp', address, port });
    if (reply instanceof Promise) return reply.then((ready) => this.#send(ready));
    this.#send(reply);
  }

  /** Over UDP there is nothing to hang up, so that is silence too. */
  #send(reply: Reply): void {
    if (Buffer.isBuffer(reply)) this.reply(reply);
  }
}
