/**
 * Types of what is used of native-dns-multisocket 0.7.0, which ships none. Names with an underscore are internals: the
 * version is pinned exactly because the fences hold on to them.
 */
declare module 'native-dns-multisocket/lib/server.js' {
  import type { BindOptions, SocketOptions, Socket as UdpSocket } from 'node:dgram';
  import type { ListenOptions, Server as NetServer } from 'node:net';

  /** Where `DatagramRemote.send` puts a reply: the library sets the server's dgram socket. */
  export interface DatagramOutlet {
    send(buffer: Buffer, offset: number, length: number, port: number, address: string): void;
  }

  /** Where `StreamRemote.send` puts a framed reply: the library sets the connection's socket. */
  export interface StreamOutlet {
    write(framed: Buffer): unknown;
  }

  /** The way back to a client. `buffer` and `send` share one slot: nothing may come between the two calls. */
  export interface Remote {
    /** A zeroed buffer for `size` octets, which the next `send` takes. */
    buffer(size: number): Buffer;
    send(length: number): void;
  }

  export interface DatagramRemote extends Remote {
    _socket: DatagramOutlet;
  }

  export interface StreamRemote extends Remote {
    _socket: StreamOutlet;
    /** Octets that are no whole frame yet. */
    _rest: Buffer | undefined;
  }

  export interface Peer {
    readonly address: string;
    readonly port: number;
  }

  export interface Request<R> {
    readonly _socket: R;
    readonly address: Peer;
  }

  export interface Server<S, R extends Remote> {
    readonly _socket: S;
    /** Called for each message; parses it, then emits `request`, or `error` when that or a listener of it throws. */
    handleMessage(message: Buffer, remote: R, address: Peer): void;
    on(event: 'request', listener: (request: Request<R>, response: Response<R>) => void): this;
    on(event: 'error', listener: (error: Error, message: Buffer, response: Response<R>) => void): this;
    on(event: 'socketError', listener: (error: Error) => void): this;
    once(event: 'listening' | 'socketError', listener: (error: Error) => void): this;
    off(event: 'listening' | 'socketError', listener: (error: Error) => void): this;
    close(): void;
  }

  /** What the library sends with `send()`; used without the fences only. */
  export interface Response<R> {
    readonly _socket: R;
    send(): void;
  }

  export interface UdpServer extends Server<UdpSocket, DatagramRemote> {
    /** Handed to `dgram.Socket.bind` as it is. */
    serve(options: BindOptions): void;
  }

  export interface TcpServer extends Server<NetServer, StreamRemote> {
    /** Handed to `net.Server.listen` as it is. */
    serve(options: ListenOptions): void;
  }

  /** `dgram_type` is handed to `dgram.createSocket` as it is. */
  export function createUDPServer(options: { readonly dgram_type: SocketOptions }): UdpServer;
  export function createTCPServer(): TcpServer;
}

declare module 'native-dns-multisocket/lib/packet.js' {
  /** A parsed message. Reading and writing it loses octets above 127, dots within labels and types it does not know. */
  interface Packet {
    header: object;
    question: object[];
    answer: object[];
    authority: object[];
    additional: object[];
  }
  interface PacketClass {
    parse(message: Buffer): Packet;
    /** Returns how many octets it wrote. */
    write(target: Buffer, packet: object): number;
  }
  const packet: PacketClass;
  // biome-ignore lint/style/noDefaultExport: this is how Node presents `module.exports = Packet`.
  export default packet;
}
