import { createSocket } from 'node:dgram';
import type { StartingChild } from './child.ts';
import { PEER_LIMITS } from './limits.ts';

/** `example.com. IN A`, recursion desired. */
const PROBE = Buffer.from('505201000001000000000000076578616d706c6503636f6d0000010001', 'hex');

/** A line that begins with the word, or a JSON log line whose message does. */
const LISTENING = /(?:^|"msg":")listening\b/m;

/** Ready when the program says that it is listening. */
export function whenListening(child: StartingChild): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (LISTENING.test(child.log())) resolve();
    };
    child.onOutput(look);
    look();
  });
}

/** Ready when a query over UDP gets an answer that is not a failure. */
export function whenAnswering(port: number): (child: StartingChild) => Promise<void> {
  return (child) =>
    new Promise((resolve, reject) => {
      const socket = createSocket('udp4');
      let finished = false;
      const ask = () => socket.send(PROBE, port, '127.0.0.1', () => {});
      const timer = setInterval(ask, PEER_LIMITS.probeIntervalMs.default);
      const finish = (settle: () => void) => {
        if (finished) return;
        finished = true;
        clearInterval(timer);
        socket.close();
        settle();
      };
      socket.on('message', (reply) => {
        if (reply.length >= 12 && (reply.readUInt8(3) & 15) === 0) finish(resolve);
      });
      child.signal.addEventListener(
        'abort',
        () => finish(() => reject(new Error(String(child.signal.reason)))),
        {
          once: true,
        },
      );
      ask();
    });
}
