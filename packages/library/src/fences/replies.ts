import type { Socket as UdpSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import type { DatagramOutlet, Remote, StreamOutlet } from 'native-dns-multisocket/lib/server.js';

/**
 * Fence: a reply goes out as the bytes it is, through a buffer of its own size.
 *
 * Without it the library writes its reply into 512 octets over UDP and 4096 over TCP, and a longer one ends in
 * `count is not defined`, or within a record and without TC; names with octets above 127 or with dots in a label come out
 * changed. `buffer` and `send` share one slot of the connection: anything between the two calls would send one client's
 * reply in another one's place.
 *
 * @returns false when the library refused it: a TCP reply longer than its length prefix can say, a port it cannot send to
 */
export function sendReply(remote: Remote, reply: Buffer): boolean {
  try {
    reply.copy(remote.buffer(reply.length));
    remote.send(reply.length);
    return true;
  } catch {
    return false;
  }
}

/**
 * Fence: the outcome of each datagram comes to `onSent`.
 *
 * Without it a datagram that the system refuses becomes an `error` event of the whole server, and nobody can know whether
 * the last replies have left when the socket is about to be closed.
 */
export function datagramOutlet(socket: UdpSocket, onSent: (error: Error | null) => void): DatagramOutlet {
  return {
    send: (buffer, offset, length, port, address) =>
      socket.send(buffer, offset, length, port, address, onSent),
  };
}

/**
 * Fence: `onWritten` is called once the kernel has taken a reply.
 *
 * Without it replies to a client that does not read pile up in memory without bound, a client that stopped reading is never
 * noticed, and a connection cannot be closed without losing replies.
 */
export function streamOutlet(socket: Socket, onWritten: () => void): StreamOutlet {
  return { write: (framed) => socket.write(framed, onWritten) };
}
