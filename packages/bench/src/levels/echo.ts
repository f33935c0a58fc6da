import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

const RECEIVE_BUFFER_BYTES = 4_194_304;
const RESPONSE_BIT = 0x80;

/**
 * Sends back every datagram with its response bit set, and every octet over TCP: what Node's sockets cost with nothing
 * behind them. Over TCP that is no DNS, since the frames are not looked at.
 */
export async function serveEcho(port: number): Promise<void> {
  const address = '127.0.0.1';
  const udp = createSocket({ type: 'udp4', lookup: (_host, _options, found) => found(null, address, 4) });
  udp.on('message', (query, client) => {
    query[2] = (query[2] ?? 0) | RESPONSE_BIT;
    udp.send(query, 0, query.length, client.port, client.address);
  });
  // The look-up is synchronous, and so is the event.
  const bound = once(udp, 'listening');
  udp.bind(port, address);
  await bound;
  udp.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  const tcp = createServer({ noDelay: true }, (client) => {
    client.on('error', () => client.destroy());
    client.on('data', (octets) => client.write(octets));
  });
  tcp.listen(port, address);
  await once(tcp, 'listening');
}
