import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import {
  type Datagram,
  DatagramRequestHandler,
  type ServerAddress,
  type ServerEvent,
  StreamRequestHandler,
  TcpServer,
  type TcpServerOptions,
  UdpServer,
  type UdpServerOptions,
} from '../src/index.ts';

const PREFIX_BYTES = 4;

/** The echo protocol over a stream: four octets of length, then that many octets, and the same back. */
export class EchoStreamHandler extends StreamRequestHandler {
  override async handle(): Promise<void> {
    for (;;) {
      const prefix = await this.readExactly(PREFIX_BYTES);
      if (prefix === null) return;
      const body = await this.readExactly(prefix.readUInt32BE(0));
      if (body === null) return;
      await this.write(prefix);
      await this.write(body);
    }
  }
}

export class EchoDatagramHandler extends DatagramRequestHandler {
  override handle(): void {
    this.reply(this.packet);
  }
}

/** Records what happens in it. */
export class RecordingTcpServer extends TcpServer {
  readonly events: ServerEvent[] = [];
  readonly errors: unknown[] = [];

  protected override onEvent(event: ServerEvent): void {
    this.events.push(event);
  }

  protected override handleError(error: unknown): void {
    this.errors.push(error);
  }
}

/** Records what happens in it, and refuses datagrams that begin with `!`. */
export class RecordingUdpServer extends UdpServer {
  readonly events: ServerEvent[] = [];
  readonly errors: unknown[] = [];

  protected override verifyRequest({ packet }: Datagram): boolean {
    return packet[0] !== 0x21;
  }

  protected override onEvent(event: ServerEvent): void {
    this.events.push(event);
  }

  protected override handleError(error: unknown): void {
    this.errors.push(error);
  }
}

export function echoTcpServer(options: Partial<TcpServerOptions> = {}): RecordingTcpServer {
  return new RecordingTcpServer((connection) => new EchoStreamHandler(connection), {
    address: '127.0.0.1',
    ...options,
  });
}

export function echoUdpServer(options: Partial<UdpServerOptions> = {}): RecordingUdpServer {
  return new RecordingUdpServer((datagram, server) => new EchoDatagramHandler(datagram, server), {
    address: '127.0.0.1',
    ...options,
  });
}

export function echoMessage(text: string): Buffer {
  const body = Buffer.from(text);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(body.length, 0);
  return Buffer.concat([prefix, body]);
}

/** A stream client that keeps all it is sent and lets a test wait for so many octets, or for the end. */
export class StreamClient {
  readonly socket: Socket;
  received: Buffer = Buffer.alloc(0);
  ended = false;
  error: Error | undefined;
  #onChange: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.#onChange();
    });
    socket.on('end', () => {
      this.ended = true;
      this.#onChange();
    });
    socket.on('error', (error) => {
      this.error = error;
      this.#onChange();
    });
  }

  static async connect(to: ServerAddress): Promise<StreamClient> {
    const socket = connect({ port: to.port, host: to.address, allowHalfOpen: true, noDelay: true });
    await once(socket, 'connect');
    return new StreamClient(socket);
  }

  send(octets: Buffer): void {
    this.socket.write(octets);
  }

  /** Settles once `bytes` octets have come in all; fails when the stream ends before. */
  async receive(bytes: number): Promise<Buffer> {
    await this.#until(() => this.received.length >= bytes || this.over);
    if (this.received.length < bytes)
      throw new Error(`ended after ${this.received.length} of ${bytes} octets`);
    return this.received;
  }

  /** Settles once the server has ended the stream in an orderly way; gives all that came. */
  async end(): Promise<Buffer> {
    await this.#until(() => this.over);
    if (this.error !== undefined) throw this.error;
    return this.received;
  }

  get over(): boolean {
    return this.ended || this.error !== undefined;
  }

  close(): void {
    this.socket.destroy();
  }

  #until(met: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (met()) resolve();
      };
      this.#onChange = look;
      look();
    });
  }
}

/** A datagram client that keeps all it is sent. */
export class DatagramClient {
  readonly socket: DatagramSocket;
  readonly #to: ServerAddress;
  readonly received: Buffer[] = [];
  #onChange: () => void = () => {};

  constructor(to: ServerAddress) {
    this.#to = to;
    this.socket = createSocket(to.address.includes(':') ? 'udp6' : 'udp4');
    this.socket.on('message', (packet) => {
      this.received.push(packet);
      this.#onChange();
    });
  }

  send(packet: Buffer | string): void {
    this.socket.send(packet, this.#to.port, this.#to.address);
  }

  async receive(count: number): Promise<string[]> {
    await new Promise<void>((resolve) => {
      this.#onChange = () => {
        if (this.received.length >= count) resolve();
      };
      this.#onChange();
    });
    return this.received.map(String);
  }

  close(): void {
    this.socket.close();
  }
}
