import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { FrameReader } from '../src/frame-reader.ts';
import { framed } from '../src/message.ts';
import type { TestUpstream } from '../src/upstream.ts';
import { Signal } from '../src/wait.ts';

/** A DNS-over-TLS client for the testbed's own tests. */
export class DotClient {
  readonly socket: TLSSocket;
  /** The TCP socket beneath TLS. */
  readonly raw: Socket;
  readonly messages: Buffer[] = [];
  /** Length of each application record that came. */
  readonly recordBytes: number[] = [];
  error: Error | null = null;
  ended = false;
  closed = false;
  secure = false;
  session: Buffer | null = null;
  readonly #signal = new Signal();

  constructor(upstream: TestUpstream, options: ConnectionOptions = {}) {
    const frames = new FrameReader();
    this.raw = connectTcp(upstream.port, upstream.host);
    this.raw.on('error', (error) => this.#note(() => (this.error ??= error)));
    this.raw.on('close', () => this.#note(() => (this.closed = true)));
    this.socket = connect({
      socket: this.raw,
      ca: upstream.caPem,
      servername: upstream.authName,
      ALPNProtocols: ['dot'],
      rejectUnauthorized: true,
      ...options,
    });
    this.socket.on('secureConnect', () => this.#note(() => (this.secure = true)));
    this.socket.on('session', (session) => this.#note(() => (this.session = session)));
    this.socket.on('error', (error) => this.#note(() => (this.error = error)));
    this.socket.on('end', () => this.#note(() => (this.ended = true)));
    this.socket.on('close', () => this.#note(() => (this.closed = true)));
    this.socket.on('data', (octets) =>
      this.#note(() => {
        this.recordBytes.push(octets.length);
        frames.push(octets, (message) => this.messages.push(message));
      }),
    );
  }

  until(isMet: () => boolean, awaited: string): Promise<void> {
    return this.#signal.until(
      isMet,
      () => `${awaited} (${this.messages.length} messages, error ${this.error})`,
    );
  }

  async connected(): Promise<this> {
    await this.until(() => this.secure || this.error !== null, 'the handshake');
    if (this.error !== null) throw this.error;
    return this;
  }

  async failed(): Promise<string> {
    await this.until(() => this.closed, 'the connection to fail');
    return this.error !== null && 'code' in this.error ? String(this.error.code) : 'no error';
  }

  send(...queries: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(queries.map(framed)));
  }

  async received(count: number): Promise<readonly Buffer[]> {
    await this.until(() => this.messages.length >= count, `${count} messages`);
    return this.messages;
  }

  async ask(query: Buffer): Promise<Buffer> {
    const before = this.messages.length;
    this.send(query);
    return (await this.received(before + 1))[before] ?? Buffer.alloc(0);
  }

  #note(change: () => void): void {
    change();
    this.#signal.notify();
  }
}
