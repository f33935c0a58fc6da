/**
 * Strategy 1: Node's own sockets and callbacks, nothing between.
 *
 *   UDP   dgram 'message' ──────────────► handler ──► dgram send
 *   TCP   net 'data' ──► FrameParser ───► handler ──► frame ──► socket write, one for each turn of the event loop
 *
 * `UdpListener` is the datagram path. `TcpListener` owns the connections: how many, which make room, which are idle or
 * stalled. `TcpConnection` is one of them: frames in, replies out, reading paused while too much is owed.
 */
import type { Strategy } from '@tridot/listener';
import { TcpListener } from './tcp-listener.ts';
import { UdpListener } from './udp-listener.ts';

export const raw: Strategy = {
  name: 'raw',
  create: (handler, options) =>
    options.transport === 'udp' ? new UdpListener(handler, options) : new TcpListener(handler, options),
};
