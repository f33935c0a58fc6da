/** What this machine lets cases do, found out by trying. */
import { execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import type { Need } from './case.ts';

const run = promisify(execFile);

export async function machineAbilities(): Promise<ReadonlySet<Need>> {
  const abilities = new Set<Need>();
  if (await binds('127.0.0.77', 7)) abilities.add('low-ports');
  if (await works('ss', ['-V'])) abilities.add('ss');
  if (process.getuid?.() === 0 && (await works('python3', ['-c', 'import socket'])))
    abilities.add('raw-sockets');
  return abilities;
}

export async function machineHasIpv6(): Promise<boolean> {
  return binds('::1', 0);
}

/** The machine's addresses that other machines can reach, and 127.0.0.2. */
export function localAddresses(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  // A link-local one needs a zone.
  const others = addresses.filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  return ['127.0.0.2', ...others.map(({ address }) => address)];
}

export interface ForgedDatagram {
  readonly from: { readonly address: string; readonly port: number };
  readonly to: { readonly address: string; readonly port: number };
  readonly payload: Buffer;
  /** Datagrams to and from `to` are counted for so long. */
  readonly watchMs: number;
}

/** Sends a datagram with any source, and counts the datagrams on the loopback that have `to`'s port on both ends. */
export async function forge({ from, to, payload, watchMs }: ForgedDatagram): Promise<number> {
  const child = spawn('python3', ['-c', FORGE], { stdio: ['pipe', 'pipe', 'inherit'] });
  const words = [from.address, from.port, to.address, to.port, payload.toString('hex'), watchMs];
  child.stdin.end(words.join(' '));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the datagram could not be sent: python3 ended with ${code}`);
  return Number(output);
}

/** IPv4 and UDP headers by hand; the checksum of UDP may be 0 over IPv4. */
const FORGE = `
import select, socket, struct, sys, time
src, sport, dst, dport, payload, watch = sys.stdin.read().split()
sport, dport, payload = int(sport), int(dport), bytes.fromhex(payload)
seen = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
seen.bind(('lo', 0))
out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
out.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
udp = struct.pack('!HHHH', sport, dport, 8 + len(payload), 0) + payload
ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, socket.inet_aton(src), socket.inet_aton(dst))
out.sendto(ip + udp, (dst, 0))
end, count = time.time() + int(watch) / 1000, 0
while time.time() < end and count < 10000:
    if not select.select([seen], [], [], max(0, end - time.time()))[0]: break
    packet, where = seen.recvfrom(65535)
    head = (packet[0] & 15) * 4
    if where[2] != 4 and packet[9] == 17 and struct.unpack('!HH', packet[head:head + 4]) == (dport, dport): count += 1
print(count)
`;

async function binds(address: string, port: number): Promise<boolean> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  try {
    socket.bind(port, address);
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

async function works(command: string, words: readonly string[]): Promise<boolean> {
  try {
    await run(command, words);
    return true;
  } catch {
    return false;
  }
}
