import { BlockList, isIP } from 'node:net';

const RANGES: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['127.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  // Between a provider and its customers, and inside some overlay networks (RFC 6598).
  ['100.64.0.0', 10, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
];

const PRIVATE = new BlockList();
for (const [network, prefix, family] of RANGES) PRIVATE.addSubnet(network, prefix, family);

/** Whether this is a literal address that the internet has no route to. RFC 1918, RFC 4193, RFC 3927, RFC 4291 §2.5. */
export function isPrivateAddress(host: string): boolean {
  const address = host.replace(/%.*$/, '');
  const family = isIP(address);
  return family !== 0 && PRIVATE.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
