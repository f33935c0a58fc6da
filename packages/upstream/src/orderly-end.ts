import type { Socket } from 'node:net';

/**
 * Ends a socket: in order (close_notify, FIN) where that is asked for, but not for longer than `timeoutMs`. What still
 * comes is thrown away; it must be read all the same, so that the peer's end is seen.
 */
export function endSocket(socket: Socket, inOrder: boolean, timeoutMs: number): void {
  if (!inOrder || socket.destroyed) {
    socket.destroy();
    return;
  }
  socket.removeAllListeners('data');
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  socket.once('close', () => clearTimeout(timer));
  socket.destroySoon();
}
