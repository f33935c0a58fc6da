import { BaseRequestHandler } from './base-request-handler.ts';
import type { Peer } from './peer.ts';
import type { Datagram, UdpServer } from './udp-server.ts';

/** Handles one datagram. */
export abstract class DatagramRequestHandler extends BaseRequestHandler {
  readonly datagram: Datagram;
  readonly server: UdpServer;

  constructor(datagram: Datagram, server: UdpServer) {
    super();
    this.datagram = datagram;
    this.server = server;
  }

  get packet(): Buffer {
    return this.datagram.packet;
  }

  get peer(): Peer {
    return this.datagram.peer;
  }

  /** Sends a datagram back, now and by the socket that the request came in on. Any number of times, also none. */
  reply(packet: Uint8Array): void {
    this.server.send(packet, this.datagram);
  }
}
