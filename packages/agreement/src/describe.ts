/** Facts in words, for logs. */
import { isIPv6 } from 'node:net';
import type { Facts, Rrset } from './facts.ts';
import { RDATA_TYPE } from './rdata.ts';

/** Records told in full, and characters of each. */
const MAX_DETAILS = 8;
const MAX_DETAIL_CHARS = 80;

const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'A'],
  [2, 'NS'],
  [5, 'CNAME'],
  [6, 'SOA'],
  [12, 'PTR'],
  [15, 'MX'],
  [16, 'TXT'],
  [28, 'AAAA'],
  [33, 'SRV'],
  [39, 'DNAME'],
  [43, 'DS'],
  [48, 'DNSKEY'],
  [52, 'TLSA'],
  [64, 'SVCB'],
  [65, 'HTTPS'],
  [257, 'CAA'],
]);

/** Such as `CNAME 1, A 2`. */
export function recordCounts({ rrsets }: Facts): string {
  const counts = new Map<number, number>();
  for (const { type, records } of rrsets.values()) counts.set(type, (counts.get(type) ?? 0) + records.size);
  return [...counts].map(([type, count]) => `${typeName(type)} ${count}`).join(', ');
}

/** Such as `A 192.0.2.1`; RDATA other than addresses in hexadecimal. In one line each, at most eight of 80 characters. */
export function recordDetails({ rrsets }: Facts): string[] {
  const details: string[] = [];
  for (const rrset of rrsets.values()) {
    for (const record of rrset.records) {
      if (details.length === MAX_DETAILS) return details;
      details.push(`${typeName(rrset.type)} ${rdataText(rrset, record)}`.slice(0, MAX_DETAIL_CHARS));
    }
  }
  return details;
}

/** The name at `from`, as in a zone file, in one line (RFC 4343 §2.1). */
export function nameText(message: Buffer, from: number, end: number): string {
  let text = '';
  for (let at = from; at < end - 1; ) {
    const next = at + 1 + (message[at] ?? 0);
    for (at++; at < next; at++) text += octetText(message[at] ?? 0);
    text += '.';
  }
  return text === '' ? '.' : text;
}

function octetText(octet: number): string {
  if (octet <= 0x20 || octet >= 0x7f) return `\\${String(octet).padStart(3, '0')}`;
  const character = String.fromCharCode(octet);
  return '.\\"();@$'.includes(character) ? `\\${character}` : character;
}

function rdataText({ type }: Rrset, record: string): string {
  const octets = Buffer.from(record, 'latin1');
  if (type === RDATA_TYPE.A && octets.length === 4) return octets.join('.');
  if (type === RDATA_TYPE.AAAA && octets.length === 16) {
    const groups = Array.from({ length: 8 }, (_, i) => octets.readUInt16BE(2 * i).toString(16)).join(':');
    return isIPv6(groups) ? new URL(`http://[${groups}]/`).hostname.slice(1, -1) : groups;
  }
  return octets.toString('hex', 0, MAX_DETAIL_CHARS);
}

function typeName(type: number): string {
  return TYPE_NAMES.get(type) ?? `TYPE${type}`;
}
