import type { EventEmitter } from 'node:events';
import { once } from 'node:events';
import type { Remote, Server } from 'native-dns-multisocket/lib/server.js';

/** A listener was asked to listen after it had been closed. */
export class ListenerClosedError extends Error {
  readonly code = 'ERR_LISTENER_CLOSED';

  constructor() {
    super('the listener was closed');
    this.name = 'ListenerClosedError';
  }
}

/**
 * Fence: a bind that fails rejects.
 *
 * Without it the library reports it as a `socketError` event and the callback of `serve` is never called: who waits for the
 * server to listen waits for ever.
 */
export function bound(server: Pick<Server<unknown, Remote>, 'once' | 'off'>): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => {
      server.off('listening', onListening);
      reject(error);
    };
    const onListening = (): void => {
      server.off('socketError', onError);
      resolve();
    };
    server.once('socketError', onError);
    server.once('listening', onListening);
  });
}

/**
 * Fence: closing settles once the socket is let go.
 *
 * Without it there is nothing to wait for, and a UDP server that is closed twice throws `ERR_SOCKET_DGRAM_NOT_RUNNING`.
 */
export async function closed(server: { close(): void; readonly _socket: EventEmitter }): Promise<void> {
  const done = once(server._socket, 'close');
  server.close();
  await done;
}
