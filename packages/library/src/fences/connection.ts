import type { Server as NetServer, Socket } from 'node:net';
import type { Peer, StreamRemote, TcpServer } from 'native-dns-multisocket/lib/server.js';

/** A frame that no client sent: length 1, one octet. */
const INTRODUCTION = Buffer.from([0, 1, 0]);

/**
 * Fence: a client that has sent its FIN still gets its replies (RFC 7766 §6.2.4).
 *
 * Without it Node closes our side together with the client's: every reply in flight is lost, and one that is
 * written before the socket is quite closed ends the process.
 */
export function keepHalfOpen(server: NetServer): void {
  Object.assign(server, { allowHalfOpen: true });
}

/**
 * Fence: Nagle's algorithm is off.
 *
 * Without it the second of two replies waits for the client's acknowledgement of the first, up to 40 ms.
 */
export function sendAtOnce(server: NetServer): void {
  Object.assign(server, { noDelay: true });
}

/**
 * Fence: every connection has an `error` listener from the moment it is accepted.
 *
 * Without it one client's reset (RST) is an unhandled `error` event, and ends the process.
 */
export function surviveErrors(socket: Socket, onError: () => void): void {
  socket.on('error', onError);
}

/**
 * Fence: the client's address is the far end of the connection.
 *
 * Without it the library hands on `socket.address()`, the near end: to policy and logs every TCP client would be ourselves.
 */
export function peerOf(socket: Socket): Peer {
  return { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
}

/**
 * Takes the library's parser off the socket, so that the fences of `intake.ts` can stand between the two.
 *
 * @returns the library's own parser of this connection: give it octets and it calls `server.handleMessage`
 */
export function takeReading(socket: Socket): (octets: Buffer) => void {
  const [parser] = socket.listeners('data');
  if (parser === undefined) throw new Error('the library does not read from this connection');
  socket.removeAllListeners('data');
  return (octets) => {
    Reflect.apply(parser, socket, [octets]);
  };
}

/**
 * Gets hold of the library's object for a connection, which it shows only together with a message: a made-up one passes
 * through before the first octet of the client. The fences of `intake.ts` need it from the start.
 */
export function introduce(server: TcpServer, feed: (octets: Buffer) => void): StreamRemote {
  const usual = server.handleMessage;
  const met: StreamRemote[] = [];
  server.handleMessage = (_message, remote) => met.push(remote);
  feed(INTRODUCTION);
  server.handleMessage = usual;
  const [remote] = met;
  if (remote === undefined) throw new Error('the library did not deliver a frame');
  remote._rest = undefined;
  return remote;
}
