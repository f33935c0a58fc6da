import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { query } from '@tridot/testbed';
import { withId } from './message-id.ts';
import { within } from './turn.ts';

/** IDs from here on belong to the fuzzer's own sound queries; below are those of the input. */
const FIRST_OWN_ID = 0xff00;
const OWN_IDS = 0x1_0000 - FIRST_OWN_ID;
/** How often a sound query is sent: a datagram may be lost where the machine is busy. */
const TRIES = 3;

/** The label that the fuzzer's own queries begin with. */
export const OWN_LABEL = 'sentinel-';

/** One client of one subject: it sends datagrams and says which replies were to which of them. */
export class DatagramClient {
  readonly #socket: Socket;
  #replies: Buffer[][] = [];
  #stray: Buffer[] = [];
  #asked = 0;
  #awaited: { readonly id: number; readonly arrived: () => void } | undefined;

  static async open(port: number): Promise<DatagramClient> {
    const socket = createSocket('udp4');
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.setRecvBufferSize(1_048_576);
    return new DatagramClient(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (reply) => this.#sort(reply));
  }

  /** Sends these, each with its index as ID, so that replies can be told apart. Replies of before are forgotten. */
  send(datagrams: readonly Buffer[]): void {
    this.#replies = datagrams.map(() => []);
    this.#stray = [];
    for (const [id, datagram] of datagrams.entries()) this.#socket.send(withId(datagram, id));
  }

  get replies(): readonly (readonly Buffer[])[] {
    return this.#replies;
  }

  get stray(): readonly Buffer[] {
    return this.#stray;
  }

  /**
   * Asks a sound query and waits for its answer. Loopback keeps datagrams in order: all that was sent before has been
   * received by then, and all that was replied before has been received here.
   *
   * @returns false when it was not answered.
   */
  async askSound(waitMs: number): Promise<boolean> {
    for (let left = TRIES; left > 0; left -= 1) {
      this.#asked += 1;
      const id = FIRST_OWN_ID + (this.#asked % OWN_IDS);
      const answered = new Promise<true>((resolve) => {
        this.#awaited = { id, arrived: () => resolve(true) };
      });
      this.#socket.send(query({ id, name: `${OWN_LABEL}${this.#asked}.example.com` }));
      if (await within(answered, waitMs / TRIES, false)) return true;
    }
    return false;
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #sort(reply: Buffer): void {
    const id = reply.length < 2 ? -1 : reply.readUInt16BE(0);
    if (id === this.#awaited?.id) this.#awaited.arrived();
    else if (id < FIRST_OWN_ID) (this.#replies[id] ?? this.#stray).push(reply);
  }
}
