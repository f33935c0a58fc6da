import { connect, type Socket } from 'node:net';
import { FrameReader } from './frame-reader.ts';
import { answers, framed } from './message.ts';
import { Signal, type WaitOptions } from './wait.ts';

export interface TcpClientOptions {
  readonly address: string;
  readonly port: number;
  readonly localAddress?: string;
  /** False: reads nothing until {@link TcpClient.resume}. Default true. */
  readonly reading?: boolean;
}

/** How the other side ended the connection. `open`: it has not. `closed`: this side let go first. */
export type TcpEnd = 'open' | 'fin' | 'reset' | 'closed';

/** A stub resolver on one TCP connection, which looks at octets and at nothing else. */
export interface TcpClient {
  readonly localPort: number;
  /** Whole messages that came, in order, without their prefixes. */
  readonly messages: readonly Buffer[];
  /** Octets that came in all. */
  readonly receivedBytes: number;
  /** Octets of a message that is not whole yet. */
  readonly pendingBytes: number;
  readonly end: TcpEnd;
  /** Octets as they are, in one write. Settles once they were handed to the system. */
  send(octets: Buffer): Promise<void>;
  /** One message behind its length prefix, in one write. */
  sendMessage(message: Buffer): Promise<void>;
  /** Many messages, each behind its length prefix, in one write. */
  sendMessages(messages: readonly Buffer[]): Promise<void>;
  /** Octets cut at the given offsets, one segment for each piece, `gapMs` (default 5) milliseconds apart. */
  sendSplit(octets: Buffer, points: readonly number[], gapMs?: number): Promise<void>;
  /** Sends a query and settles with the first message from then on that has its ID and question. */
  ask(query: Buffer, options?: WaitOptions): Promise<Buffer>;
  /** Settles with the first message, of all that came or will come, that has the query's ID and question. */
  answerTo(query: Buffer, options?: WaitOptions): Promise<Buffer>;
  /** Settles once `count` messages have come in all. */
  waitForMessages(count: number, options?: WaitOptions): Promise<void>;
  /** Settles once `count` octets have come in all, whole messages or not. */
  waitForBytes(count: number, options?: WaitOptions): Promise<void>;
  /** Settles with how the connection ended, once it has. */
  waitForEnd(options?: WaitOptions): Promise<TcpEnd>;
  /** Settles after `ms` milliseconds with the messages that came meanwhile. */
  listenFor(ms: number): Promise<readonly Buffer[]>;
  /** Ends this side (FIN) and goes on reading. */
  halfClose(): void;
  /** Cuts the connection with RST. */
  reset(): void;
  pause(): void;
  resume(): void;
  /** Lets the connection go. */
  close(): Promise<void>;
}

/** Connects; settles once the connection stands. */
export async function connectTcp(options: TcpClientOptions): Promise<TcpClient> {
  const socket = await dial(options);
  return new SocketClient(socket, options.reading ?? true);
}

class SocketClient implements TcpClient {
  readonly localPort: number;
  readonly messages: Buffer[] = [];
  receivedBytes = 0;
  end: TcpEnd = 'open';
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  readonly #signal = new Signal();

  constructor(socket: Socket, reading: boolean) {
    this.#socket = socket;
    this.localPort = socket.localPort ?? 0;
    socket.on('error', (error) => {
      const reset = 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      this.#ended(reset ? 'reset' : 'closed');
    });
    socket.on('data', (octets) => {
      this.receivedBytes += octets.length;
      this.#frames.push(octets, (message) => this.messages.push(message));
      this.#signal.notify();
    });
    socket.on('end', () => this.#ended('fin'));
    socket.on('close', () => this.#ended('closed'));
    if (!reading) socket.pause();
  }

  get pendingBytes(): number {
    return this.#frames.pendingBytes;
  }

  send(octets: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(octets, (error) =>
        error === null || error === undefined ? resolve() : reject(error),
      );
    });
  }

  sendMessage(message: Buffer): Promise<void> {
    return this.send(framed(message));
  }

  sendMessages(messages: readonly Buffer[]): Promise<void> {
    return this.send(Buffer.concat(messages.map(framed)));
  }

  async sendSplit(octets: Buffer, points: readonly number[], gapMs = 5): Promise<void> {
    const cuts = [0, ...points, octets.length];
    for (const [index, start] of cuts.slice(0, -1).entries()) {
      await this.send(octets.subarray(start, cuts[index + 1]));
      // Nothing tells when the other side has read a segment, so only time keeps two of them apart.
      await new Promise((resolve) => setTimeout(resolve, gapMs));
    }
  }

  async ask(query: Buffer, options?: WaitOptions): Promise<Buffer> {
    const from = this.messages.length;
    await this.sendMessage(query);
    return this.#answerFrom(from, query, options);
  }

  answerTo(query: Buffer, options?: WaitOptions): Promise<Buffer> {
    return this.#answerFrom(0, query, options);
  }

  waitForMessages(count: number, options?: WaitOptions): Promise<void> {
    const describe = () => `${count} messages, of which ${this.messages.length} came (end: ${this.end})`;
    return this.#signal.until(() => this.messages.length >= count, describe, options);
  }

  waitForBytes(count: number, options?: WaitOptions): Promise<void> {
    const describe = () => `${count} octets, of which ${this.receivedBytes} came (end: ${this.end})`;
    return this.#signal.until(() => this.receivedBytes >= count, describe, options);
  }

  async waitForEnd(options?: WaitOptions): Promise<TcpEnd> {
    await this.#signal.until(
      () => this.end !== 'open',
      () => 'the end of the connection',
      options,
    );
    return this.end;
  }

  async listenFor(ms: number): Promise<readonly Buffer[]> {
    const from = this.messages.length;
    await new Promise((resolve) => setTimeout(resolve, ms));
    return this.messages.slice(from);
  }

  halfClose(): void {
    this.#socket.end();
  }

  reset(): void {
    this.#ended('closed');
    this.#socket.resetAndDestroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): Promise<void> {
    this.#ended('closed');
    if (this.#socket.closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#socket.once('close', () => resolve());
      this.#socket.destroy();
    });
  }

  async #answerFrom(from: number, query: Buffer, options?: WaitOptions): Promise<Buffer> {
    const find = () => this.messages.slice(from).find((message) => answers(query, message));
    const describe = () =>
      `an answer over TCP; ${this.messages.length - from} other messages came (end: ${this.end})`;
    await this.#signal.until(() => find() !== undefined, describe, options);
    return find() ?? Buffer.alloc(0);
  }

  #ended(end: TcpEnd): void {
    if (this.end !== 'open') return;
    this.end = end;
    this.#signal.notify();
  }
}

function dial({ address, port, localAddress }: TcpClientOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address,
      port,
      allowHalfOpen: true,
      noDelay: true,
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
