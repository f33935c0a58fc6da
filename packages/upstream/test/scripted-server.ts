import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { FrameParser, frame } from '@tridot/wire';

/** One connection as the server sees it. */
export class ServerSide {
  readonly queries: Buffer[] = [];
  /** Octets of each read, which is one TLS record or more. */
  readonly reads: number[] = [];
  readonly socket: TLSSocket;
  readonly index: number;
  ended = false;

  constructor(socket: TLSSocket, index: number) {
    this.socket = socket;
    this.index = index;
  }

  /** Frames and sends messages, all in one write. */
  send(...messages: Buffer[]): void {
    this.raw(Buffer.concat(messages.map(frame)));
  }

  raw(octets: Buffer): void {
    if (!this.socket.destroyed) this.socket.write(octets);
  }

  /** A FIN without close_notify comes with `destroy`; a RST with this. */
  reset(): void {
    rawSocketOf(this.socket).resetAndDestroy();
  }
}

export interface Script {
  /** Called for each query; silent when left out. */
  readonly onQuery?: (query: Buffer, connection: ServerSide) => void;
  readonly onConnection?: (connection: ServerSide) => void;
  readonly tls?: TlsOptions;
  readonly port?: number;
}

export interface ScriptedServer {
  readonly port: number;
  /** TCP connections, whatever became of their handshakes. */
  readonly accepted: number;
  /** What was received over all connections before TLS was up, and whether it was more than a handshake. */
  readonly connections: readonly ServerSide[];
  readonly queries: readonly Buffer[];
  /** May be replaced at any time. */
  onQuery: (query: Buffer, connection: ServerSide) => void;
  /** Resolves once this many queries in all have come. */
  received(count: number): Promise<void>;
  /** Resolves once the client has ended this connection. */
  ended(index: number): Promise<void>;
  close(): Promise<void>;
}

/** A DoT server on 127.0.0.1 that does what the script says, octet for octet. */
export async function startScriptedServer(
  identity: { readonly cert: string; readonly key: string },
  script: Script = {},
): Promise<ScriptedServer> {
  const connections: ServerSide[] = [];
  const queries: Buffer[] = [];
  const sockets = new Set<Socket>();
  const watchers = new Set<() => void>();
  const notify = () => {
    for (const watcher of [...watchers]) watcher();
  };
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const watcher = () => {
        if (!condition()) return;
        watchers.delete(watcher);
        resolve();
      };
      watchers.add(watcher);
      watcher();
    });
  let accepted = 0;

  const server = createServer({ ...identity, ALPNProtocols: ['dot'], ...script.tls }, (socket) => {
    const connection = new ServerSide(socket, connections.length);
    connections.push(connection);
    const parser = new FrameParser();
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      connection.reads.push(chunk.length);
      parser.push(chunk, (query) => {
        queries.push(query);
        connection.queries.push(query);
        self.onQuery(query, connection);
      });
      notify();
    });
    socket.on('end', () => {
      connection.ended = true;
      notify();
    });
    socket.on('close', notify);
    script.onConnection?.(connection);
    notify();
  });
  server.on('tlsClientError', () => {});
  server.on('connection', (socket: Socket) => {
    accepted++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(script.port ?? 0, '127.0.0.1');
  await once(server, 'listening');

  const self: ScriptedServer = {
    port: (server.address() as AddressInfo).port,
    get accepted() {
      return accepted;
    },
    connections,
    queries,
    onQuery: script.onQuery ?? (() => {}),
    received: (count) => until(() => queries.length >= count),
    ended: (index) => until(() => connections[index]?.ended === true),
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return self;
}

/** The TCP socket below a TLS socket of a server: Node has no other way to send a RST. */
function rawSocketOf(socket: TLSSocket): Socket {
  if ('_parent' in socket && isSocket(socket._parent)) return socket._parent;
  throw new Error('a TLS socket without a TCP socket below it');
}

function isSocket(value: unknown): value is Socket {
  return typeof value === 'object' && value !== null && 'resetAndDestroy' in value;
}
