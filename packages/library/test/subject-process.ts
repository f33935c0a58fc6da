/**
 * A listener in a process of its own: `node subject-process.ts <fenced|unfenced> <udp|tcp>`. Tells its port over IPC.
 * The query's first label says what the handler does.
 */
import { LISTENER_LIMITS, type QueryHandler, type Transport } from '@tridot/listener';
import { library, libraryUnfenced } from '../src/index.ts';

const TXT_RECORD = Buffer.concat([Buffer.from('c00c00100001000000000100ff', 'hex'), Buffer.alloc(255, 'x')]);

/** The query with QR set, and with as many 268-octet TXT records as its label says: `big-20`, `held-1`. */
const answer: QueryHandler = (query) => {
  if (query.length < 14) return null;
  const label = query.toString('latin1', 13, 13 + (query[12] ?? 0));
  const [kind, count = '0'] = label.split('-');
  const reply = Buffer.concat([query, ...Array.from({ length: Number(count) || 0 }, () => TXT_RECORD)]);
  reply[2] = 0x81;
  reply.writeUInt16BE(Number(count) || 0, 6);
  return kind === 'held' ? released.then(() => reply) : reply;
};

let release = (): void => {};
const released = new Promise<void>((resolve) => {
  release = resolve;
});
process.on('message', () => release());
process.on('disconnect', () => process.exit());

const [, , kind, transport] = process.argv;
const strategy = kind === 'fenced' ? library : libraryUnfenced;
const { maxInFlight, maxInFlightPerConnection, maxConnections, maxConnectionsPerAddress } = LISTENER_LIMITS;
const { writeStallMs, lingerMs, receiveBufferBytes } = LISTENER_LIMITS;
const IDLE_TIMEOUT_MS = 300;
const listener = strategy.create(answer, {
  transport: transport === 'tcp' ? 'tcp' : ('udp' satisfies Transport),
  address: '127.0.0.1',
  port: 0,
  onEvent: () => {},
  limits: {
    maxInFlight: maxInFlight.default,
    maxInFlightPerConnection: maxInFlightPerConnection.default,
    maxConnections: maxConnections.default,
    maxConnectionsPerAddress: maxConnectionsPerAddress.default,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
    writeStallMs: writeStallMs.default,
    lingerMs: lingerMs.default,
    receiveBufferBytes: receiveBufferBytes.default,
  },
});
process.send?.(await listener.listen());
