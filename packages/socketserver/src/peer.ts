import { isIPv6 } from 'node:net';

/** Who a request came from. An IPv4 address that the system maps into IPv6 is written as IPv4. */
export interface Peer {
  readonly address: string;
  readonly port: number;
}

/** Where a server can be reached. */
export interface ServerAddress {
  readonly address: string;
  readonly port: number;
}

const MAPPED = '::ffff:';

/** `::ffff:192.0.2.1` as `192.0.2.1`, any other address as it is. */
export function unmapped(address: string): string {
  return address.startsWith(MAPPED) && address.includes('.') ? address.slice(MAPPED.length) : address;
}

/** True for an IPv6 address that is not an IPv4 address in disguise, so that `ipv6Only` may be set on its socket. */
export function isPlainIPv6(address: string): boolean {
  return isIPv6(address) && unmapped(address) === address;
}
