import { connect, type Socket } from 'node:net';
import type { Stream } from './batch.ts';
import { framesIn } from './cutting.ts';
import type { StreamOutcome } from './outcome.ts';
import { turn } from './turn.ts';

/**
 * Plays one client's TCP connection. Client and server share an event loop, so a chunk that is followed by a turn of it
 * has been read before the next one leaves: cuts arrive as they were made.
 *
 * @param waitMs how long the other side may take to end the connection, after which `end` is `never`.
 */
export async function playStream(port: number, stream: Stream, waitMs: number): Promise<StreamOutcome> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
  const ended = endOf(socket, waitMs);
  const received: Buffer[] = [];
  socket.on('data', (chunk) => received.push(chunk));
  await Promise.race([connected(socket), ended]);
  for (const chunk of stream.chunks) {
    if (!socket.writable) break;
    socket.write(chunk);
    await turn();
  }
  if (stream.ending === 'reset') socket.resetAndDestroy();
  else socket.end();
  const end = await ended;
  socket.destroy();
  const { messages, rest } = framesIn(Buffer.concat(received));
  return { replies: messages, rest, end };
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('connect', resolve));
}

function endOf(socket: Socket, waitMs: number): Promise<StreamOutcome['end']> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('never'), waitMs);
    const settle = (end: StreamOutcome['end']) => {
      clearTimeout(timer);
      resolve(end);
    };
    socket.once('end', () => settle('fin'));
    socket.on('error', () => settle('reset'));
    socket.once('close', () => settle('reset'));
  });
}
