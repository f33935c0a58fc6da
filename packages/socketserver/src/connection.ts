import type { Socket } from 'node:net';
import { ConnectionLostError } from './errors.ts';
import { type Peer, unmapped } from './peer.ts';
import { StreamReader } from './stream-reader.ts';
import { StreamWriter } from './stream-writer.ts';

/** Who watches over the connections of a server. */
export interface ConnectionKeeper {
  /** Nothing is owed to the peer, and the clock of idleness begins again. */
  idle(connection: Connection): void;
  /** The peer is owed something. */
  busy(connection: Connection): void;
  /** Octets wait for the peer to read them, or no longer do. */
  stuck(connection: Connection, stuck: boolean): void;
  /** An error ended the connection. */
  failed(connection: Connection): void;
  /** Everything that was written has left, and our side is closed. */
  ended(connection: Connection): void;
  /** The connection exists no more. */
  gone(connection: Connection): void;
}

/** One accepted connection: what a stream server hands to its handlers. */
export class Connection {
  readonly peer: Peer;
  readonly reader: StreamReader;
  readonly writer: StreamWriter;
  readonly #socket: Socket;
  readonly #keeper: ConnectionKeeper;
  readonly #released = Promise.withResolvers<void>();
  #owed = 0;
  #cut = false;
  #lost: ConnectionLostError | undefined;
  #fewerThan = 0;
  #onFewer: (() => void) | undefined;

  constructor(socket: Socket, keeper: ConnectionKeeper, readAheadBytes: number) {
    this.#socket = socket;
    this.#keeper = keeper;
    this.peer = { address: unmapped(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
    this.reader = new StreamReader(socket, readAheadBytes);
    this.writer = new StreamWriter(socket, (stuck) => keeper.stuck(this, stuck));
    socket.on('error', (error) => {
      keeper.failed(this);
      this.#lose(error);
    });
    socket.on('finish', () => keeper.ended(this));
    socket.on('close', () => {
      this.#lose();
      keeper.gone(this);
    });
  }

  /** Requests of this connection that were begun and not ended. */
  get owed(): number {
    return this.#owed;
  }

  /** The connection has broken off or was closed. */
  get lost(): boolean {
    return this.#lost !== undefined;
  }

  /** Reading was cut off by this side. */
  get cut(): boolean {
    return this.#cut;
  }

  /** Settles when the connection no longer counts as one of those being served. */
  get released(): Promise<void> {
    return this.#released.promise;
  }

  /** A whole request was read: until it is ended the connection is not idle. */
  begin(): void {
    this.#owed += 1;
    if (this.#owed === 1) this.#keeper.busy(this);
  }

  /** A request was answered, or needs no answer. */
  end(): void {
    this.#owed -= 1;
    if (this.#owed === 0) this.#keeper.idle(this);
    if (this.#owed >= this.#fewerThan) return;
    this.#fewerThan = 0;
    this.#onFewer?.();
  }

  /** Settles when fewer than `count` requests are owed; undefined when that is so. Only one may wait at a time. */
  owesFewerThan(count: number): Promise<void> | undefined {
    if (this.#owed < count) return undefined;
    this.#fewerThan = count;
    return new Promise((resolve) => {
      this.#onFewer = resolve;
    });
  }

  /** Writes a chunk, see `StreamWriter.write`. What is written outside of any request counts as the end of one. */
  write(chunk: Buffer): Promise<void> | undefined {
    if (this.#owed === 0) this.#keeper.idle(this);
    return this.writer.write(chunk);
  }

  /** Takes nothing more from the peer: what has come is still read, then `readExactly` gives `null`. */
  cutOff(): void {
    this.#cut = true;
    this.#keeper.busy(this);
    this.reader.cutOff();
  }

  /** Sends FIN after what has been written, and throws away what the peer still sends. */
  finish(): void {
    this.cutOff();
    this.writer.end();
    this.reader.discard();
  }

  /** Gives the place of this connection to another one. */
  release(): void {
    this.#released.resolve();
  }

  /** Closes at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Closes at once and makes the system forget what it has not delivered. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  #lose(cause?: Error): void {
    if (this.#lost !== undefined) return;
    this.#lost = new ConnectionLostError(cause);
    this.reader.fail(this.#lost);
    this.writer.fail(this.#lost);
  }
}
