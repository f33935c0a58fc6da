import type { Socket } from 'node:net';
import { type Client, HANG_UP, type Reply } from '@tridot/listener';
import type { StreamRemote } from 'native-dns-multisocket/lib/server.js';
import { peerOf } from './fences/connection.ts';
import { Intake } from './fences/intake.ts';
import { sendReply, streamOutlet } from './fences/replies.ts';
import type { TcpListener } from './tcp-listener.ts';

/** One TCP connection: when the library may parse more of it, and when it has to end. */
export class TcpConnection {
  /** When it last brought a query, was given its last reply, or was ended; on the clock of `performance.now()`. */
  activeAt = performance.now();
  readonly #listener: TcpListener;
  readonly #socket: Socket;
  readonly #remote: StreamRemote;
  readonly #client: Client;
  readonly #intake: Intake;
  /** Queries that the handler has. */
  #unanswered = 0;
  /** Replies that the kernel has not taken. */
  #unwritten = 0;
  #writtenAt = 0;
  #paused = false;
  /** The library is at work on what we gave it: more queries may come in this very turn. */
  #flowing = false;
  /** Nothing more is read; once every query is answered the connection ends. */
  #last = false;
  #ended = false;

  constructor(listener: TcpListener, socket: Socket, remote: StreamRemote, feed: (octets: Buffer) => void) {
    this.#listener = listener;
    this.#socket = socket;
    this.#remote = remote;
    const peer = peerOf(socket);
    this.#client = { transport: 'tcp', ...peer };
    this.#intake = new Intake(feed, remote, (message) => this.onMessage(message));
    remote._socket = streamOutlet(socket, this.#onWritten);
    socket.on('close', () => this.#gone());
    socket.on('end', () => this.endWhenServed());
    socket.on('data', this.#onData);
  }

  get address(): string {
    return this.#client.address;
  }

  /** A query is unanswered, or a reply is not yet with the kernel. */
  get owes(): boolean {
    return this.#unanswered > 0 || this.#unwritten > 0 || this.#intake.holds;
  }

  /** Since when the client has read nothing of what waits for it; `undefined` when nothing waits. */
  get unreadSince(): number | undefined {
    return this.#unwritten > 0 ? this.#writtenAt : undefined;
  }

  /** Since when nothing has happened, once we have ended it and the kernel has every reply. */
  get lingeringSince(): number | undefined {
    return this.#unwritten > 0 ? undefined : Math.max(this.activeAt, this.#writtenAt);
  }

  // --- queries ---

  readonly #onData = (chunk: Buffer): void => {
    if (this.#last) return;
    this.#intake.push(chunk);
    this.flow();
  };

  /** Takes queries while there is room for them, here and in the whole listener; reads on once all are taken. */
  flow(): void {
    if (this.#ended || this.#socket.destroyed) return;
    this.#flowing = true;
    this.#intake.flow(this.#mayTake);
    this.#flowing = false;
    if (this.#intake.holds) this.#pause();
    else if (this.#last) this.#endIfServed();
    else this.#resume();
  }

  /**
   * Fence: a connection's share, and what the listener can bear in all, are kept to by not reading.
   *
   * Without it one client can have any number of queries in flight, and all together can fill the memory.
   */
  readonly #mayTake = (): boolean => {
    const { inFlight, options } = this.#listener;
    if (this.#unanswered + this.#unwritten >= options.limits.maxInFlightPerConnection) return false;
    if (!inFlight.full) return true;
    this.#listener.waits(this);
    return false;
  };

  /** A whole message is here: it is served, and what comes after it is looked at only if there is room. */
  onMessage(query: Buffer): void {
    this.#active();
    this.#listener.answer(query, this.#remote, this.#client);
    if (!this.#mayTake()) this.#intake.stop(query);
  }

  /** Called by way of the library, or past it when its parser must not see the query. */
  serve(query: Buffer): void {
    const reply = this.#listener.handler(query, this.#client);
    if (reply instanceof Promise) this.#answerLater(reply);
    else this.#answer(reply);
  }

  async #answerLater(promise: Promise<Reply>): Promise<void> {
    this.#unanswered += 1;
    this.#listener.inFlight.enter();
    const reply = await promise;
    this.#unanswered -= 1;
    this.#answer(reply);
    this.#moved();
    this.#listener.answered();
  }

  #active(): void {
    this.activeAt = performance.now();
    this.#listener.connections.touch(this);
  }

  /** Something that was owed is owed no more. */
  #moved(): void {
    if (this.#unanswered + this.#unwritten === 0) this.#active();
    if (this.#paused || this.#last) this.flow();
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
    if (reply === HANG_UP) {
      this.#listener.options.onEvent('connection-hung-up');
      this.endWhenServed();
    } else if (reply !== null && this.#socket.writable) {
      this.#write(reply);
    }
  }

  #write(reply: Buffer): void {
    if (this.#unwritten === 0) this.#writtenAt = performance.now();
    if (sendReply(this.#remote, reply)) this.#unwritten += 1;
    else this.#listener.options.onEvent('send-failed');
  }

  readonly #onWritten = (): void => {
    this.#writtenAt = performance.now();
    this.#unwritten -= 1;
    this.#moved();
  };

  // --- the end ---

  /** Reads nothing more; what was received is served, then the connection ends. */
  endWhenServed(): void {
    this.#last = true;
    this.#socket.pause();
    this.#endIfServed();
  }

  #endIfServed(): void {
    if (!this.#flowing && this.#unanswered === 0 && !this.#intake.holds) this.end();
  }

  /** Sends FIN after the replies written so far, then throws away what still comes until the client has closed too. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#last = true;
    this.activeAt = performance.now();
    this.#listener.connections.linger(this);
    this.#socket.end();
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #gone(): void {
    this.#ended = true;
    this.#last = true;
    this.#listener.gone(this, this.#remote);
  }
}
