import type { Socket } from 'node:net';
import { type Client, HANG_UP, type Reply } from '@tridot/listener';
import { FrameParser, frame, MAX_MESSAGE_BYTES } from '@tridot/wire';
import type { TcpListener } from './tcp-listener.ts';

/** One TCP connection: frames in, replies out as they become ready, reading paused while too much is owed. */
export class TcpConnection {
  /** When it last brought a query, was given its last reply, or was ended; on the clock of `performance.now()`. */
  activeAt = performance.now();
  readonly #listener: TcpListener;
  readonly #socket: Socket;
  readonly #client: Client;
  readonly #parser = new FrameParser();
  /** Queries that came in the same segment as the last one that could be taken. */
  readonly #backlog: Buffer[] = [];
  /** Queries that were taken and whose reply is not yet with the kernel, so that one who never reads is not read. */
  #owed = 0;
  #paused = false;
  /** Nothing more is read; once every query is answered the connection ends. */
  #last = false;
  #ended = false;
  #corked = false;
  #writtenAt = 0;

  constructor(socket: Socket, listener: TcpListener) {
    this.#socket = socket;
    this.#listener = listener;
    this.#client = { transport: 'tcp', address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
    socket.on('error', () => listener.options.onEvent('connection-failed'));
    socket.on('close', () => this.#gone());
    socket.on('end', () => this.endWhenServed());
    socket.on('data', (chunk) => this.#read(chunk));
  }

  get address(): string {
    return this.#client.address;
  }

  /** A query is unanswered, or a reply is not yet with the kernel. */
  get owes(): boolean {
    return this.#owed > 0 || this.#backlog.length > 0;
  }

  /** Since when the client has read nothing of what waits for it; `undefined` when nothing waits. */
  get unreadSince(): number | undefined {
    return this.#socket.writableLength > 0 ? this.#writtenAt : undefined;
  }

  /** Since when nothing has happened, once we have ended it and the kernel has every reply. */
  get lingeringSince(): number | undefined {
    return this.#socket.writableLength > 0 ? undefined : Math.max(this.activeAt, this.#writtenAt);
  }

  // --- queries ---

  #read(chunk: Buffer): void {
    if (this.#ended) return;
    this.#parser.push(chunk, this.#onQuery);
    this.serveBacklog();
  }

  readonly #onQuery = (query: Buffer): void => {
    this.#backlog.push(query);
  };

  /** Takes queries while there is room for them, here and in the whole listener; reads on once all are taken. */
  serveBacklog(): void {
    if (this.#socket.destroyed) return;
    const { inFlight, options } = this.#listener;
    let taken = 0;
    while (taken < this.#backlog.length && this.#owed < options.limits.maxInFlightPerConnection) {
      if (inFlight.full) {
        this.#listener.waits(this);
        break;
      }
      const query = this.#backlog[taken];
      taken += 1;
      if (query !== undefined) this.#serve(query);
    }
    if (taken > 0) {
      this.#backlog.splice(0, taken);
      this.#active();
    }
    if (this.#backlog.length > 0) this.#pause();
    else if (this.#last) this.#endIfServed();
    else this.#resume();
  }

  #serve(query: Buffer): void {
    this.#owed += 1;
    const reply = this.#listener.handler(query, this.#client);
    if (reply instanceof Promise) this.#answerLater(reply);
    else this.#answer(reply);
  }

  async #answerLater(reply: Promise<Reply>): Promise<void> {
    this.#listener.inFlight.enter();
    this.#answer(await reply);
    this.#listener.answered();
  }

  #active(): void {
    this.activeAt = performance.now();
    this.#listener.touched(this);
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#listener.options.onEvent('read-paused');
    this.#socket.pause();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  // --- replies ---

  #answer(reply: Reply): void {
    if (Buffer.isBuffer(reply) && reply.length <= MAX_MESSAGE_BYTES && this.#socket.writable) {
      this.#write(frame(reply));
      return;
    }
    if (reply === HANG_UP) {
      this.#listener.options.onEvent('connection-hung-up');
      this.endWhenServed();
    } else if (reply !== null) {
      this.#listener.options.onEvent('send-failed');
    }
    process.nextTick(this.#onSettled);
  }

  /** The replies of one turn of the event loop leave in one write. */
  #write(framed: Buffer): void {
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(this.#uncork);
    }
    if (this.#socket.writableLength === 0) this.#writtenAt = performance.now();
    this.#socket.write(framed, this.#onWritten);
  }

  readonly #uncork = (): void => {
    this.#corked = false;
    this.#socket.uncork();
  };

  readonly #onWritten = (): void => {
    this.#writtenAt = performance.now();
    this.#onSettled();
  };

  /** One query less is owed: the next of the backlog is taken, or the connection ends if that was the last. */
  readonly #onSettled = (): void => {
    this.#owed -= 1;
    if (this.#owed === 0) this.#active();
    if (this.#backlog.length > 0) this.serveBacklog();
    else if (this.#last) this.#endIfServed();
  };

  // --- the end ---

  /** Reads nothing more; what was received is served, then the connection ends. */
  endWhenServed(): void {
    this.#last = true;
    this.#socket.pause();
    this.#endIfServed();
  }

  #endIfServed(): void {
    if (!this.owes) this.end();
  }

  /** Sends FIN after the replies written so far, then throws away what still comes until the client has closed too. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.activeAt = performance.now();
    this.#listener.ended(this);
    this.#socket.end();
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #gone(): void {
    this.#backlog.length = 0;
    this.#listener.gone(this);
  }
}
