import { createHash } from 'node:crypto';
import type { Client } from './client.ts';

/** What clients saw in a case: equal for subjects that behave the same. */
export interface Outcome {
  /** In words, one entry for each client: `udp: NOERROR x2`. */
  readonly summary: readonly string[];
  /** Over every octet that clients received, but for IDs and the order of arrival. */
  readonly digest: string;
}

export function outcomeOf(clients: readonly Client[]): Outcome {
  const hash = createHash('sha256');
  const summary = clients.map((client) => {
    const masked = client.received.map((octets) => withoutId(octets).toString('hex')).sort();
    const line = `${client.transport}${client.fate() === '' ? '' : ` ${client.fate()}`}: ${inWords(client.received)}`;
    hash.update(`${line}\n${masked.join('\n')}\n`);
    return line;
  });
  return { summary, digest: hash.digest('hex') };
}

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

function inWords(messages: readonly Buffer[]): string {
  if (messages.length === 0) return 'silent';
  const counts = new Map<string, number>();
  for (const octets of messages) {
    const words = describe(octets);
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [...counts]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([words, count]) => (count === 1 ? words : `${words} x${count}`))
    .join(', ');
}

function describe(octets: Buffer): string {
  if (octets.length < 12) return `${octets.length} octets`;
  const rcode = octets.readUInt16BE(2) & 15;
  const truncated = (octets.readUInt16BE(2) & 0x0200) === 0 ? '' : ' TC';
  return `${RCODES[rcode] ?? `rcode ${rcode}`}${truncated}`;
}

function withoutId(octets: Buffer): Buffer {
  const copy = Buffer.from(octets);
  copy.fill(0, 0, Math.min(2, copy.length));
  return copy;
}
