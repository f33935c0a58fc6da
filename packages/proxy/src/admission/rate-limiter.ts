import { mask } from '../addresses/address-range.ts';
import { ipv4Bits, isMappedIpv4, readIpv6 } from '../addresses/ip-address.ts';
import type { RateLimits } from './limits.ts';
import { TokenBuckets } from './token-buckets.ts';

/** Tells whether a client may ask once more. */
export type RateLimiter = (address: string, nowMs: number) => boolean;

/** Stands for the first 32 bits of a key of IPv4. No client of IPv6 has them: ff00::/8 is multicast (RFC 4291 §2.7). */
const IPV4_TAG = 0xffff_ffff;

/** @returns `null` when there is no limit. */
export function createRateLimiter(limits: RateLimits): RateLimiter | null {
  if (limits.queriesPerSecond === 0) return null;
  const { queriesPerSecond: perSecond, burst, maxPrefixes: maxKeys } = limits;
  const buckets = new TokenBuckets({ perSecond, burst, maxKeys });
  const ipv4Mask = mask(limits.ipv4PrefixBits);
  const highMask = mask(limits.ipv6PrefixBits);
  const lowMask = mask(limits.ipv6PrefixBits - 32);
  const words = new Uint32Array(4);

  const takeIpv4 = (bits: number, nowMs: number): boolean =>
    buckets.take(IPV4_TAG, (bits & ipv4Mask) >>> 0, nowMs);

  return (address, nowMs) => {
    const bits = ipv4Bits(address);
    if (bits >= 0) return takeIpv4(bits, nowMs);
    if (!readIpv6(address, words)) return false;
    if (isMappedIpv4(words)) return takeIpv4(words[3] ?? 0, nowMs);
    return buckets.take(((words[0] ?? 0) & highMask) >>> 0, ((words[1] ?? 0) & lowMask) >>> 0, nowMs);
  };
}
