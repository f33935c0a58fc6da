/**
 * `connections-main.ts PORT PREFIX NAMES SECONDS CONNECTIONS`: asks a server on 127.0.0.1 over TCP, each query on a
 * connection of its own, and prints what that came to as JSON.
 *
 *   connect ──► query ──► reply ──► FIN ──► connect …
 */
import { connect } from 'node:net';
import { BENCH_LIMITS } from '../limits.ts';
import { encodeQuery } from '../query.ts';
import { type LoadFigures, latencyOf } from './figures.ts';
import { nameOf } from './names.ts';

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
/** Ports of one address run out while the kernel keeps closed connections, so that there are several. */
const SOURCE_ADDRESSES = 64;

const [port = 0, prefix = '', names = 0, seconds = 1, connections = 1] = process.argv
  .slice(2)
  .map((value, index) => (index === 1 ? value : Number(value)));

const latencies: number[] = [];
const rcodes: Record<string, number> = {};
let asked = 0;
let lost = 0;
const startedAt = performance.now();
const until = startedAt + Number(seconds) * 1000;

await Promise.all(Array.from({ length: Number(connections) }, askUntilOver));

const elapsedSeconds = (performance.now() - startedAt) / 1000;
const figures: LoadFigures = {
  completed: latencies.length,
  lost,
  queriesPerSecond: latencies.length / elapsedSeconds,
  latencyMs: latencyOf(Float64Array.from(latencies)),
  rcodes,
};
console.log(JSON.stringify(figures));

async function askUntilOver(): Promise<void> {
  while (performance.now() < until) await askOnce(asked++);
}

function askOnce(index: number): Promise<void> {
  const name = nameOf(String(prefix), Number(names) === 0 ? index : index % Number(names));
  const query = encodeQuery(name, index & 0xffff);
  const before = performance.now();
  return new Promise((resolve) => {
    const localAddress = `127.0.0.${2 + (index % SOURCE_ADDRESSES)}`;
    const socket = connect({ host: '127.0.0.1', port: Number(port), localAddress, noDelay: true });
    let received = Buffer.alloc(0);
    let settled = false;
    const settle = (reply: Buffer | null) => {
      if (settled) return;
      settled = true;
      if (reply === null) lost += 1;
      else count(reply, performance.now() - before);
      socket.setTimeout(0);
      if (reply === null) socket.destroy();
      else socket.end();
      resolve();
    };
    socket.setTimeout(BENCH_LIMITS.loadTimeoutSeconds.default * 1000, () => settle(null));
    socket.on('error', () => settle(null));
    socket.on('close', () => settle(null));
    socket.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0))
        settle(received.subarray(2));
    });
    socket.write(framed(query));
  });
}

function count(reply: Buffer, latencyMs: number): void {
  latencies.push(latencyMs);
  const code = reply.readUInt8(3) & 15;
  const rcode = RCODES[code] ?? `RCODE${code}`;
  rcodes[rcode] = (rcodes[rcode] ?? 0) + 1;
}

function framed(message: Buffer): Buffer {
  const prefixOctets = Buffer.allocUnsafe(2);
  prefixOctets.writeUInt16BE(message.length);
  return Buffer.concat([prefixOctets, message]);
}
