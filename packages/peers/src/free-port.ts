import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/**
 * Below the ports that systems give to outgoing connections (from 32 768 on with Linux): a program that is ended and
 * started again would now and then find one of those on its port.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

/** Each port is given once before any is given again: whoever got one may not listen on it yet. */
let next = randomInt(FIRST_PORT, LAST_PORT);

/**
 * A port on 127.0.0.1 that was free a moment ago for UDP and TCP: for programs that cannot be told to choose one
 * themselves and say which.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = next;
    next = port === LAST_PORT ? FIRST_PORT : port + 1;
    if ((await isUdpFree(port)) && (await isTcpFree(port))) return port;
  }
}

function isUdpFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => socket.close(() => resolve(false)));
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });
}

function isTcpFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
