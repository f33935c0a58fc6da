/**
 * The image's HEALTHCHECK: one real query to each address that TRIDOT_LISTEN names, over UDP, TCP or both as it says. Exits with
 * 0 when every one was answered with NOERROR or NXDOMAIN. Addresses given as arguments, in the same form, win over TRIDOT_LISTEN;
 * HEALTHCHECK_NAME is the name that is asked for.
 */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { DEFAULT_PORTS } from '../packages/proxy/src/sockets/default-ports.ts';
import { parseEndpoint } from '../packages/proxy/src/sockets/endpoints.ts';

/** Below the HEALTHCHECK's own limit, so that the reason is told; above the time that one query may take. */
const TIMEOUT_MS = 4_900;
const LOOPBACK: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '*': '127.0.0.1', '::': '::1' };
const HEADER_BYTES = 12;
const NOERROR = 0;
const NXDOMAIN = 3;

const given = process.argv.slice(2);
const written = given.length > 0 ? given : (process.env.TRIDOT_LISTEN ?? '').split(',');
const name = process.env.HEALTHCHECK_NAME || 'example.com';
const ownPort = DEFAULT_PORTS[process.env.STRATEGY || 'raw'] ?? 0;

setTimeout(() => fail(`no answer within ${TIMEOUT_MS} ms`), TIMEOUT_MS);
await Promise.all(written.map((text) => check(text.trim() || '127.0.0.1'))).catch((error: unknown) =>
  fail(error instanceof Error ? error.message : String(error)),
);
process.exit(0);

async function check(text: string): Promise<void> {
  const { transports, address, port = ownPort } = parseEndpoint(text);
  const host = LOOPBACK[address] ?? address;
  await Promise.all(
    transports.map(async (transport) => {
      const query = questionFor(name);
      const response = await (transport === 'udp' ? askUdp : askTcp)(host, port, query);
      const rcode = response.readUInt16BE(2) & 0x0f;
      if (response.readUInt16BE(0) !== query.readUInt16BE(0)) throw new Error(`${transport}: another ID`);
      if (rcode !== NOERROR && rcode !== NXDOMAIN) throw new Error(`${transport}: rcode ${rcode}`);
    }),
  );
}

function askUdp(host: string, port: number, query: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.on('error', reject);
    socket.on('message', (message) => message.length >= HEADER_BYTES && resolve(message));
    socket.connect(port, host, () => socket.send(query));
  });
}

function askTcp(host: string, port: number, query: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const socket = connect(port, host, () => socket.write(Buffer.concat([uint16(query.length), query])));
    socket.on('error', reject);
    socket.on('end', () => reject(new Error('tcp: closed without an answer')));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const whole = received.length >= 2 && received.length >= 2 + received.readUInt16BE(0);
      if (whole && received.length >= 2 + HEADER_BYTES) resolve(received.subarray(2));
    });
  });
}

/** A recursive query of type A, class IN (RFC 1035 §4.1). */
function questionFor(qname: string): Buffer {
  const labels = qname.split('.').filter((label) => label !== '');
  const header = Buffer.concat([0, 0x0100, 1, 0, 0, 0].map(uint16));
  header.writeUInt16BE(randomInt(0x1_0000), 0);
  const encoded = labels.map((label) =>
    Buffer.concat([Buffer.of(label.length), Buffer.from(label, 'latin1')]),
  );
  return Buffer.concat([header, ...encoded, Buffer.of(0), uint16(1), uint16(1)]);
}

function uint16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff);
}

function fail(reason: string): never {
  console.error(reason);
  process.exit(1);
}
