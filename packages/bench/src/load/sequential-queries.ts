import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { BENCH_LIMITS } from '../limits.ts';
import { encodeQuery } from '../query.ts';

/** Asks for new names over UDP, each once the one before is answered. @returns how many were answered with NOERROR. */
export async function askOneAfterAnother(port: number, count: number): Promise<number> {
  const socket = createSocket('udp4');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let answered = 0;
  try {
    for (let index = 0; index < count; index += 1) {
      if (await isAnswered(socket, encodeQuery(`q${index}.example.com`, index))) answered += 1;
    }
  } finally {
    socket.close();
  }
  return answered;
}

function isAnswered(socket: Socket, query: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (answered: boolean) => {
      clearTimeout(timer);
      socket.off('message', onMessage);
      resolve(answered);
    };
    const onMessage = (reply: Buffer) => {
      if (reply.readUInt16BE(0) === query.readUInt16BE(0)) settle((reply.readUInt8(3) & 15) === 0);
    };
    const timer = setTimeout(settle, BENCH_LIMITS.queryTimeoutMs.default, false);
    socket.on('message', onMessage);
    socket.send(query);
  });
}
