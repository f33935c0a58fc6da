import { createSocket } from 'node:dgram';
import { query } from '../bytes/build.ts';
import type { Subject } from '../subject.ts';

export interface Target {
  readonly address: string;
  readonly port: number;
  readonly upstreamPort: number;
}

const PROBE_INTERVAL_MS = 200;
/** After a case in which the upstream failed, the server may need a while to use it again. */
const BACK_TIMEOUT_MS = 30_000;

/** A server that runs already. Nothing of it can be set, started or stopped. */
export function targetSubject({ address, port, upstreamPort }: Target): Subject {
  return {
    name: `${address}:${port}`,
    can: new Set(),
    shared: true,
    concurrency: 1,
    upstreamPort,
    async start() {
      await untilItAnswers(address, port);
      return {
        address,
        port,
        logs: () => '',
        health: async () => ({ pid: 0, alive: true, inFlight: null, dropped: null }),
        stop: async () => ({ code: null, signal: null }),
      };
    },
  };
}

/** @throws when no query is answered with NOERROR in time. */
async function untilItAnswers(address: string, port: number): Promise<void> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  let count = 0;
  const ask = () => {
    count += 1;
    socket.send(query({ name: `probe-${Date.now()}-${count}.example.com` }), port, address, () => {});
  };
  const timer = setInterval(ask, PROBE_INTERVAL_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      const late = () =>
        reject(new Error(`${address}:${port} answers no query within ${BACK_TIMEOUT_MS} ms`));
      const timeout = setTimeout(late, BACK_TIMEOUT_MS);
      socket.on('message', (reply) => {
        if (reply.length < 12 || (reply.readUInt16BE(2) & 15) !== 0) return;
        clearTimeout(timeout);
        resolve();
      });
      socket.on('error', () => {});
      ask();
    });
  } finally {
    clearInterval(timer);
    socket.close();
  }
}
