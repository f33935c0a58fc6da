import type { Connection } from '../connection.ts';
import { framed } from '../message.ts';
import { seededOctets } from '../random.ts';
import type { Behaviour } from './behaviour.ts';

/** Sends a frame of length zero before every answer. */
export function zeroLengthFrame(): Behaviour {
  return before('zeroLengthFrame', () => Buffer.alloc(2));
}

/** Sends a frame too short for a header (1 to 11 octets) before every answer. */
export function shortFrame(octets = 5): Behaviour {
  return before('shortFrame', () => framed(Buffer.alloc(octets, 0x5a)));
}

/** Sends a whole frame of seeded random octets before every answer. */
export function randomFrame(octets = 500, seed = 1): Behaviour {
  return before('randomFrame', () => framed(seededOctets(octets, seed)));
}

/** Sends seeded random octets, no frame, in place of every answer. */
export function randomGarbage(octets = 500, seed = 1): Behaviour {
  return {
    name: 'randomGarbage',
    query: ({ connection }) => connection.write(seededOctets(octets, seed)),
  };
}

/** Sends the first octets of the framed answer and then FIN without close_notify. Default: half of it. */
export function cutFrame(octets?: number): Behaviour {
  return {
    name: 'cutFrame',
    query(exchange, next) {
      exchange.deliver = (connection, frame) => {
        connection.write(frame.subarray(0, octets ?? frame.length >> 1), () => connection.fin());
      };
      next();
    },
  };
}

/** Sends `octets` octets of a frame in each TLS record; default one. */
export function splitFrames(octets = 1): Behaviour {
  const queues = new WeakMap<Connection, (() => void)[]>();
  return {
    name: 'splitFrames',
    query(exchange, next) {
      exchange.deliver = (connection, frame, done) => {
        const queue = queues.get(connection) ?? [];
        queues.set(connection, queue);
        // One frame after another: pieces of two frames must not mix.
        const step = () =>
          writePieces(connection, frame, octets, () => {
            queue.shift();
            done();
            queue[0]?.();
          });
        queue.push(step);
        if (queue.length === 1) step();
      };
      next();
    },
  };
}

/** Waits for `count` answers on a connection and sends them in one write, which is one TLS record up to 16 KiB. */
export function manyFramesPerRecord(count: number): Behaviour {
  const waiting = new WeakMap<Connection, Buffer[]>();
  return {
    name: 'manyFramesPerRecord',
    query(exchange, next) {
      exchange.deliver = (connection, frame, done) => {
        const frames = [...(waiting.get(connection) ?? []), frame];
        waiting.set(connection, frames.length < count ? frames : []);
        if (frames.length >= count) connection.write(Buffer.concat(frames), done);
      };
      next();
    },
  };
}

function before(name: string, octets: () => Buffer): Behaviour {
  return {
    name,
    query(exchange, next) {
      exchange.connection.write(octets());
      next();
    },
  };
}

function writePieces(connection: Connection, frame: Buffer, octets: number, done: () => void): void {
  if (frame.length === 0) done();
  // The next piece waits until this one is out, or the socket would join them into one record.
  else
    connection.write(frame.subarray(0, octets), () =>
      writePieces(connection, frame.subarray(octets), octets, done),
    );
}
