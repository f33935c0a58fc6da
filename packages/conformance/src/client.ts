/** Stub clients that keep everything they receive. They read frames themselves, so that a wrong one is seen as it is. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { framed } from './bytes/build.ts';
import type { Transport } from './subject.ts';

export interface Client {
  readonly transport: Transport;
  /** Everything received so far, in order. */
  readonly received: readonly Buffer[];
  readonly port: number;
  /** Sends one message, framed for the transport. */
  send(message: Buffer): void;
  /** The next message that nobody has taken yet. */
  next(timeoutMs?: number): Promise<Buffer>;
  /** The next `count` messages. */
  take(count: number, timeoutMs?: number): Promise<Buffer[]>;
  /** What became of it, for comparison between subjects. */
  fate(): string;
  close(): void;
}

/** A case waits this long for a reply unless it says otherwise: stub resolvers give up after 5 s. */
export const REPLY_TIMEOUT_MS = 5_000;

class Inbox {
  readonly received: Buffer[] = [];
  #taken = 0;
  #wake: (() => void) | undefined;
  #over: string | undefined;

  put(message: Buffer): void {
    this.received.push(message);
    this.#wake?.();
  }

  /** Nothing more will come. */
  end(why: string): void {
    this.#over ??= why;
    this.#wake?.();
  }

  async take(count: number, timeoutMs: number): Promise<Buffer[]> {
    const enough = () => this.received.length - this.#taken >= count;
    const timeout = AbortSignal.timeout(timeoutMs);
    while (!enough()) {
      const have = `${this.received.length - this.#taken} of ${count} replies`;
      if (this.#over !== undefined) throw new Error(`${have}, then ${this.#over}`);
      if (timeout.aborted) throw new Error(`${have} within ${timeoutMs} ms`);
      await this.#change(timeout);
    }
    const taken = this.received.slice(this.#taken, this.#taken + count);
    this.#taken += count;
    return taken;
  }

  #change(timeout: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#wake = undefined;
        timeout.removeEventListener('abort', done);
        resolve();
      };
      this.#wake = done;
      timeout.addEventListener('abort', done);
    });
  }
}

export interface UdpClientOptions {
  readonly address: string;
  readonly port: number;
  /** Where to bind; default: any port of the system's choice. */
  readonly from?: { readonly address: string; readonly port: number };
  readonly receiveBufferBytes?: number;
}

/** A connected socket: only what comes from the address and port that were asked is received. */
export class UdpClient implements Client {
  readonly transport = 'udp';
  readonly #socket: UdpSocket;
  readonly #inbox = new Inbox();
  #closed = false;

  static async open(options: UdpClientOptions): Promise<UdpClient> {
    const socket = createSocket(options.address.includes(':') ? 'udp6' : 'udp4');
    if (options.from !== undefined) {
      socket.bind(options.from.port, options.from.address);
      await once(socket, 'listening');
    }
    socket.connect(options.port, options.address);
    await once(socket, 'connect');
    if (options.receiveBufferBytes !== undefined) socket.setRecvBufferSize(options.receiveBufferBytes);
    return new UdpClient(socket);
  }

  constructor(socket: UdpSocket) {
    this.#socket = socket;
    socket.on('message', (message) => this.#inbox.put(message));
    // A refused port is known to the sender: the reply that is missing says it.
    socket.on('error', () => {});
  }

  get received(): readonly Buffer[] {
    return this.#inbox.received;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  send(message: Buffer): void {
    this.#socket.send(message);
  }

  async next(timeoutMs = REPLY_TIMEOUT_MS): Promise<Buffer> {
    return first(await this.#inbox.take(1, timeoutMs));
  }

  take(count: number, timeoutMs = REPLY_TIMEOUT_MS): Promise<Buffer[]> {
    return this.#inbox.take(count, timeoutMs);
  }

  fate(): string {
    return '';
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}

export type TcpEnd = 'open' | 'fin' | 'reset';

export class TcpClient implements Client {
  readonly transport = 'tcp';
  /** Lengths of what each read brought. */
  readonly reads: number[] = [];
  /** Settles once the server has ended the connection, in whatever way. */
  readonly ended: Promise<TcpEnd>;
  readonly #socket: Socket;
  readonly #inbox = new Inbox();
  #partial: Buffer = Buffer.alloc(0);
  #fate: TcpEnd = 'open';
  #closedByUs = false;

  static async open({
    address,
    port,
    from,
  }: {
    readonly address: string;
    readonly port: number;
    /** The address to bind to; default: the system's choice. */
    readonly from?: string | undefined;
  }): Promise<TcpClient> {
    const socket = connect({
      host: address,
      port,
      allowHalfOpen: true,
      noDelay: true,
      ...(from === undefined ? {} : { localAddress: from }),
    });
    await once(socket, 'connect');
    return new TcpClient(socket);
  }

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#read(chunk));
    this.ended = new Promise((resolve) => {
      const end = (fate: TcpEnd) => {
        if (this.#fate === 'open' && !this.#closedByUs) this.#fate = fate;
        this.#inbox.end(fate === 'fin' ? 'the end of the connection' : 'a reset');
        resolve(fate);
      };
      socket.on('end', () => end('fin'));
      socket.on('error', () => end('reset'));
      socket.on('close', () => end('reset'));
    });
  }

  get received(): readonly Buffer[] {
    return this.#inbox.received;
  }

  get port(): number {
    return this.#socket.localPort ?? 0;
  }

  /** Octets of a frame that is not whole yet. */
  get pendingBytes(): number {
    return this.#partial.length;
  }

  send(message: Buffer): void {
    this.write(framed(message));
  }

  /** Sends octets as they are, as one segment when they are few. */
  write(octets: Buffer): void {
    if (this.#socket.writable) this.#socket.write(octets);
  }

  async next(timeoutMs = REPLY_TIMEOUT_MS): Promise<Buffer> {
    return first(await this.#inbox.take(1, timeoutMs));
  }

  take(count: number, timeoutMs = REPLY_TIMEOUT_MS): Promise<Buffer[]> {
    return this.#inbox.take(count, timeoutMs);
  }

  /** Sends FIN and goes on reading. */
  end(): void {
    this.#socket.end();
  }

  /** Sends RST. */
  reset(): void {
    this.#closedByUs = true;
    this.#socket.resetAndDestroy();
  }

  /** Reads no more, so that the server's replies pile up. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  fate(): string {
    return this.#fate;
  }

  close(): void {
    this.#closedByUs = true;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.reads.push(chunk.length);
    let rest = this.#partial.length === 0 ? chunk : Buffer.concat([this.#partial, chunk]);
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0);
      this.#inbox.put(rest.subarray(2, end));
      rest = rest.subarray(end);
    }
    this.#partial = rest;
  }
}

function first(messages: readonly Buffer[]): Buffer {
  const [message] = messages;
  if (message === undefined) throw new Error('no reply');
  return message;
}
