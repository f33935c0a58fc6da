import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { answers } from './message.ts';
import { Signal, type WaitOptions } from './wait.ts';

export interface UdpClientOptions {
  /** Where datagrams go. */
  readonly address: string;
  readonly port: number;
  /** Where they come from. Default: any address, any port. */
  readonly localAddress?: string;
  readonly localPort?: number;
}

/** One datagram that came, from wherever. */
export interface Datagram {
  readonly bytes: Buffer;
  readonly address: string;
  readonly port: number;
}

/** A stub resolver on one UDP socket, which looks at octets and at nothing else. */
export interface UdpClient {
  readonly localPort: number;
  /** Everything that came, in order. */
  readonly datagrams: readonly Datagram[];
  /** Settles once the octets were handed to the system. */
  send(bytes: Buffer): Promise<void>;
  /** Sends a query and settles with the first datagram from then on that has its ID and question. */
  ask(query: Buffer, options?: WaitOptions): Promise<Buffer>;
  /** Settles with the first datagram, of all that came or will come, that has the query's ID and question. */
  answerTo(query: Buffer, options?: WaitOptions): Promise<Buffer>;
  /** Settles once `count` datagrams have come in all. */
  waitForDatagrams(count: number, options?: WaitOptions): Promise<void>;
  /** Settles after `ms` milliseconds with what came meanwhile: silence is an empty list. */
  listenFor(ms: number): Promise<readonly Datagram[]>;
  close(): Promise<void>;
}

/** Opens a socket; it is bound once the promise settles. */
export async function createUdpClient(options: UdpClientOptions): Promise<UdpClient> {
  const ipv6 = isIPv6(options.address);
  const socket = createSocket(ipv6 ? 'udp6' : 'udp4');
  const datagrams: Datagram[] = [];
  const signal = new Signal();
  socket.on('message', (bytes, { address, port }) => {
    datagrams.push({ bytes, address, port });
    signal.notify();
  });
  await bind(socket, options.localPort ?? 0, options.localAddress ?? (ipv6 ? '::' : '0.0.0.0'));

  const send = (bytes: Buffer): Promise<void> =>
    new Promise((resolve, reject) => {
      socket.send(bytes, options.port, options.address, (error) =>
        error === null ? resolve() : reject(error),
      );
    });
  const answerFrom = async (from: number, query: Buffer, wait?: WaitOptions): Promise<Buffer> => {
    const find = () => datagrams.slice(from).find(({ bytes }) => answers(query, bytes))?.bytes;
    const describe = () => `an answer over UDP; ${datagrams.length - from} other datagrams came`;
    await signal.until(() => find() !== undefined, describe, wait);
    return find() ?? Buffer.alloc(0);
  };

  return {
    localPort: socket.address().port,
    datagrams,
    send,
    async ask(query, wait) {
      const from = datagrams.length;
      await send(query);
      return answerFrom(from, query, wait);
    },
    answerTo: (query, wait) => answerFrom(0, query, wait),
    waitForDatagrams: (count, wait) =>
      signal.until(
        () => datagrams.length >= count,
        () => `${count} datagrams, of which ${datagrams.length} came`,
        wait,
      ),
    async listenFor(ms) {
      const from = datagrams.length;
      await new Promise((resolve) => setTimeout(resolve, ms));
      return datagrams.slice(from);
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function bind(socket: Socket, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, address, () => {
      socket.off('error', reject);
      // An ICMP message about an earlier datagram is no business of the next one.
      socket.on('error', () => undefined);
      resolve();
    });
  });
}
