import { isIPv6 } from 'node:net';
import { readIpv6 } from '../addresses/ip-address.ts';

/** How much of the address of a client a log line tells. */
export const CLIENT_DETAILS = ['full', 'prefix', 'none'] as const;
export type ClientDetail = (typeof CLIENT_DETAILS)[number];

/**
 * The address of a client as a log line may show it: whole; the first 24 bits of IPv4 or 48 bits of IPv6, which tell a
 * network but nobody in it (RFC 8932 §5.1.2.2); or not at all.
 */
export function shownClient(address: string, detail: ClientDetail): string | undefined {
  if (detail === 'none') return undefined;
  if (detail === 'full') return address;
  return isIPv6(address) ? ipv6Prefix(address) : `${address.slice(0, address.lastIndexOf('.'))}.0/24`;
}

function ipv6Prefix(address: string): string {
  const words = new Uint32Array(4);
  readIpv6(address, words);
  const [first = 0, second = 0] = words;
  const groups = [first >>> 16, first & 0xffff, second >>> 16];
  while (groups.at(-1) === 0) groups.pop();
  return `${groups.map((group) => group.toString(16)).join(':')}::/48`;
}
