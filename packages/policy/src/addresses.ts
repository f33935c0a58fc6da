/** Addresses as text, as octets, and as the names under which they are looked up. */
import { isIPv4, isIPv6 } from 'node:net';

/** The 4 or 16 octets of an address without zone; `null` when the text is none. */
export function addressOctets(text: string): Buffer | null {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number));
  return isIPv6(text) && !text.includes('%') ? ipv6Octets(text) : null;
}

/** The text is known to be a sound IPv6 address. */
function ipv6Octets(text: string): Buffer {
  const [left = '', right] = text.split('::');
  const head = groups(left);
  const tail = right === undefined ? [] : groups(right);
  const octets = Buffer.alloc(16);
  octets.set(head, 0);
  octets.set(tail, 16 - tail.length);
  return octets;
}

function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >>> 8, value & 0xff];
  });
}

/** The name whose PTR record says which host has an address: RFC 1035 §3.5, RFC 3596 §2.5. */
export function reverseName(address: Buffer): string {
  if (address.length === 4) return `${[...address].reverse().join('.')}.in-addr.arpa`;
  return `${[...address.toString('hex')].reverse().join('.')}.ip6.arpa`;
}
