/**
 * Strategy 3: the off-the-shelf server of native-dns-multisocket, with fences round it.
 *
 *   UDP   library's UDPServer ──► admits? ──────────► safe to parse? ─ yes ─► library's parser ─ 'request' ─► handler
 *   TCP   library's TCPServer ──► Intake ──► library's framing ──┘   └─ no ───────────────────────────────► handler
 *
 *   reply ──► library's remote.buffer(n), remote.send(n) ──► outlet ──► socket
 *
 * The library owns the sockets, the framing, the parsing of what it can parse, and the sending. Everything it cannot be
 * trusted with is a fence: a small function or class whose comment says what breaks without it. {@link FENCES} lists them.
 */
import type { Strategy } from '@tridot/listener';
import { TcpListener } from './tcp-listener.ts';
import { UdpListener } from './udp-listener.ts';

export { FENCES, type Fence } from './fences/list.ts';
export { libraryUnfenced } from './unfenced.ts';

export const library: Strategy = {
  name: 'library',
  create: (handler, options) =>
    options.transport === 'udp' ? new UdpListener(handler, options) : new TcpListener(handler, options),
};
