/**
 * A server framework after Python's `socketserver`. It knows sockets and nothing of what they carry.
 *
 *   UdpServer ─ datagram ──► Admission ──► DatagramRequestHandler: setup, handle, finish ──► reply()
 *   TcpServer ─ connection ► Admission ──► StreamRequestHandler:   setup, handle, finish ──► write()
 *                                             readExactly() ◄── StreamReader, StreamWriter ──► the peer
 *
 * `BaseServer` owns the life of a socket and the way of one request. `ConnectionTable` decides which connections stay.
 */
export { type Admission, concurrent, sequential } from './admission.ts';
export { BaseRequestHandler, type Step } from './base-request-handler.ts';
export { BaseServer, type CloseOptions, type HandlerFactory, type ServerEvent } from './base-server.ts';
export type { Connection } from './connection.ts';
export { DatagramRequestHandler } from './datagram-request-handler.ts';
export { ConnectionLostError, IncompleteReadError, OptionError, StateError } from './errors.ts';
export { type Limit, SERVER_LIMITS } from './limits.ts';
export type { Peer, ServerAddress } from './peer.ts';
export { Semaphore } from './semaphore.ts';
export { StreamReader } from './stream-reader.ts';
export { StreamRequestHandler } from './stream-request-handler.ts';
export { StreamWriter } from './stream-writer.ts';
export { TcpServer, type TcpServerOptions } from './tcp-server.ts';
export { type Datagram, UdpServer, type UdpServerOptions } from './udp-server.ts';
