import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { connect, isIPv6, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Target {
  readonly address: string;
  readonly port: number;
}

export function framed(...messages: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    messages.flatMap((message) => [Buffer.from([message.length >> 8, message.length & 0xff]), message]),
  );
}

/** An ordinary A query for `<label>.example.com`. */
export function queryFor(label: string, id = 0x1234): Buffer {
  const header = Buffer.from('000001000001000000000000', 'hex');
  header.writeUInt16BE(id, 0);
  const rest = Buffer.from('076578616d706c6503636f6d0000010001', 'hex');
  return Buffer.concat([header, Buffer.from([label.length]), Buffer.from(label, 'latin1'), rest]);
}

/** The 18 octets that stop the library: a question whose name points at itself. */
export const SELF_POINTING = Buffer.from('123401000001000000000000c00c00010001', 'hex');

export class TcpClient {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #ended = false;
  #error: Error | undefined;
  readonly #changed = new EventEmitter();

  private constructor(socket: Socket) {
    this.socket = socket;
    const changed = (): unknown => this.#changed.emit('changed');
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      changed();
    });
    socket.on('error', (error) => {
      this.#error = error;
    });
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#ended = true;
        changed();
      });
    }
  }

  static async to({ address, port }: Target): Promise<TcpClient> {
    const client = new TcpClient(connect({ host: address, port, noDelay: true, allowHalfOpen: true }));
    onTestFinished(() => void client.socket.destroy());
    await once(client.socket, 'connect');
    return client;
  }

  send(octets: Uint8Array): this {
    this.socket.write(octets);
    return this;
  }

  get messages(): Buffer[] {
    const messages: Buffer[] = [];
    let offset = 0;
    while (offset + 2 <= this.#received.length) {
      const end = offset + 2 + this.#received.readUInt16BE(offset);
      if (end > this.#received.length) break;
      messages.push(this.#received.subarray(offset + 2, end));
      offset = end;
    }
    return messages;
  }

  async next(count: number): Promise<Buffer[]> {
    while (this.messages.length < count && !this.#ended) await once(this.#changed, 'changed');
    return this.messages;
  }

  /** Every message until the server's FIN; rejects on a reset. */
  async untilEnd(): Promise<Buffer[]> {
    while (!this.#ended) await once(this.#changed, 'changed');
    if (this.#error !== undefined) throw this.#error;
    return this.messages;
  }

  /** Settles once the octets have been written and both sides have had a turn of the event loop. */
  async sendNow(octets: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => void this.socket.write(octets, () => setImmediate(resolve)));
  }
}

export class UdpClient {
  readonly socket: UdpSocket;
  readonly received: Buffer[] = [];
  readonly from: RemoteInfo[] = [];
  readonly #target: Target;
  #left = false;

  private constructor(socket: UdpSocket, target: Target) {
    this.socket = socket;
    this.#target = target;
    socket.on('message', (message, remote) => {
      this.received.push(message);
      this.from.push(remote);
    });
  }

  static async to(target: Target, localPort = 0): Promise<UdpClient> {
    const socket = createSocket(isIPv6(target.address) ? 'udp6' : 'udp4');
    socket.bind(localPort, isIPv6(target.address) ? '::1' : '127.0.0.1');
    await once(socket, 'listening');
    const client = new UdpClient(socket, target);
    onTestFinished(() => client.leave());
    return client;
  }

  send(message: Uint8Array): this {
    this.socket.send(message, this.#target.port, this.#target.address);
    return this;
  }

  async leave(): Promise<void> {
    if (this.#left) return;
    this.#left = true;
    await new Promise<void>((resolve) => void this.socket.close(resolve));
  }

  async next(count: number): Promise<Buffer[]> {
    while (this.received.length < count) await once(this.socket, 'message');
    return this.received;
  }
}
