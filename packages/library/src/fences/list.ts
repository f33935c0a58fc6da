/** One thing that keeps the library from harm. The conformance package says which of its cases prove it. */
export interface Fence {
  /** The function, method or class that is the fence, or the import path. */
  readonly name: string;
  /** Where it is, relative to `src/`. */
  readonly file: string;
  /** What goes wrong without it. */
  readonly breaks: string;
}

/** Every fence round native-dns-multisocket 0.7.0. Their number is a result: it is what the library costs to use. */
export const FENCES: readonly Fence[] = [
  {
    name: 'native-dns-multisocket/lib/server.js',
    file: 'tcp-listener.ts',
    breaks: 'importing the package reads /etc/resolv.conf and loads a resolver that is not used',
  },
  {
    name: 'isSafeToParse',
    file: 'fences/safe-to-parse.ts',
    breaks: 'a name that points at itself hangs the process for good: one datagram of 18 octets',
  },
  {
    name: 'guardParser',
    file: 'fences/request-path.ts',
    breaks: 'a message that the parser cannot read ends the process as an unhandled error event',
  },
  {
    name: 'sendReply',
    file: 'fences/replies.ts',
    breaks:
      'replies over 512 octets (UDP) or 4096 (TCP) throw or are cut within a record, and names lose octets above 127',
  },
  {
    name: 'datagramOutlet',
    file: 'fences/replies.ts',
    breaks:
      'a datagram that the system refuses is an error of the whole server, and closing may lose replies',
  },
  {
    name: 'streamOutlet',
    file: 'fences/replies.ts',
    breaks: 'replies to a client that does not read pile up without bound, and closing loses replies',
  },
  {
    name: 'keepHalfOpen',
    file: 'fences/connection.ts',
    breaks: 'a client that sends its queries and FIN gets no reply, or the attempt ends the process',
  },
  {
    name: 'sendAtOnce',
    file: 'fences/connection.ts',
    breaks: 'the second of two replies waits up to 40 ms for an acknowledgement',
  },
  {
    name: 'surviveErrors',
    file: 'fences/connection.ts',
    breaks: 'the reset of one TCP client ends the process',
  },
  {
    name: 'peerOf',
    file: 'fences/connection.ts',
    breaks: 'every TCP client has our own address',
  },
  {
    name: 'stop',
    file: 'fences/intake.ts',
    breaks: 'all frames of a segment, more than 4 000, are delivered at once whatever the limits say',
  },
  {
    name: 'deliverEmptyFrame',
    file: 'fences/intake.ts',
    breaks: 'a zero-length frame is not noticed until more octets come',
  },
  {
    name: 'gatherFrame',
    file: 'fences/intake.ts',
    breaks: 'a frame of 65 535 octets sent octet by octet costs 2 GB of copies',
  },
  {
    name: 'isAnswerable',
    file: 'udp-listener.ts',
    breaks: 'a reply to port 0 throws; one to an echo service or to ourselves starts an exchange without end',
  },
  {
    name: 'hasRoom',
    file: 'udp-listener.ts',
    breaks: 'datagrams that wait for a slow upstream fill the memory',
  },
  {
    name: 'mayTake',
    file: 'tcp-connection.ts',
    breaks: 'one connection can have any number of queries in flight, and so can all of them together',
  },
  {
    name: 'makeRoomFor',
    file: 'connections.ts',
    breaks: 'any number of TCP connections is taken, until the process has no descriptor left',
  },
  {
    name: 'sweep',
    file: 'connections.ts',
    breaks: 'an idle or stalled TCP connection stays for as long as the client likes',
  },
  {
    name: 'bound',
    file: 'fences/server.ts',
    breaks: 'who waits for a bind that fails waits for ever',
  },
  {
    name: 'closed',
    file: 'fences/server.ts',
    breaks: 'nobody knows when the socket is let go, and a UDP server closed twice throws',
  },
  {
    name: 'finishAll',
    file: 'connections.ts',
    breaks:
      'closing a TCP server leaves its connections open, and the port stays taken while one client stays',
  },
];
