/**
 * A forwarder that dials the upstream anew for each query, over UDP and TCP:
 * `per-query-tls-main.ts PORT UPSTREAM-PORT AUTH-NAME CA-FILE`. It is what the other ways are compared with.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { connect, createSecureContext } from 'node:tls';

const [port = '0', upstreamPort = '853', servername = '', caFile = ''] = process.argv.slice(2);
const secureContext = createSecureContext({ ca: readFileSync(caFile) });
const address = '127.0.0.1';

const udp = createSocket('udp4');
udp.on('message', (query, client) => {
  exchange(framed(query), (reply) => udp.send(reply.subarray(2), client.port, client.address));
});

const tcp = createServer({ allowHalfOpen: true }, (client) => {
  client.on('error', () => client.destroy());
  eachFrame(client, (query) => exchange(query, (reply) => client.write(reply)));
  client.on('end', () => client.end());
});

udp.bind(Number(port), address);
await once(udp, 'listening');
tcp.listen(udp.address().port, address);
await once(tcp, 'listening');
console.log(`listening on ${address}:${udp.address().port}`);

/** One connection, one query, one reply, each with its length prefix. A failure is silence. */
function exchange(query: Buffer, onReply: (reply: Buffer) => void): void {
  const options = { host: address, port: Number(upstreamPort), servername, secureContext };
  const upstream = connect({ ...options, rejectUnauthorized: true, ALPNProtocols: ['dot'] });
  upstream.setNoDelay(true);
  upstream.on('error', () => upstream.destroy());
  eachFrame(upstream, (reply) => {
    onReply(reply);
    upstream.end();
  });
  upstream.write(query);
}

function eachFrame(source: NodeJS.ReadableStream, onFrame: (frame: Buffer) => void): void {
  let received = Buffer.alloc(0);
  source.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      onFrame(received.subarray(0, end));
      received = received.subarray(end);
    }
  });
}

function framed(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(2 + message.length);
  frame.writeUInt16BE(message.length, 0);
  message.copy(frame, 2);
  return frame;
}
