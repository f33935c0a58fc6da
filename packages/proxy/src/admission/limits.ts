import type { Limit } from '@tridot/listener';

/** Every number of the rate limits. */
export const RATE_LIMITS = {
  queriesPerSecond: {
    default: 0,
    min: 0,
    max: 1_000_000,
    why: 'Queries a second over UDP that one client prefix may ask in the long run; 0 sets no limit. TCP is exempt: its handshake proves the address, truncated replies send honest clients there, and the connections of a listener are limited.',
  },
  burst: {
    default: 200,
    min: 1,
    max: 10_000_000,
    why: 'Queries that a client prefix may ask at once before the rate counts. A browser that opens a page with many names asks some 100.',
  },
  ipv4PrefixBits: {
    default: 32,
    min: 8,
    max: 32,
    why: 'Clients whose IPv4 addresses share this many leading bits share one allowance. 24 also holds a forger who varies the last octet.',
  },
  ipv6PrefixBits: {
    default: 56,
    min: 16,
    max: 64,
    why: 'The same for IPv6, where one site has 56 bits or fewer of its own (RFC 6177 §2), so that a single address means nothing.',
  },
  maxPrefixes: {
    default: 65_536,
    min: 64,
    max: 16_777_216,
    why: 'Client prefixes remembered at once, rounded up to a power of two, at 24 octets each. When there are more, the one not heard of for longest is forgotten and begins anew.',
  },
} as const satisfies Record<string, Limit>;

/** One value for each entry of {@link RATE_LIMITS}. */
export type RateLimits = { readonly [name in keyof typeof RATE_LIMITS]: number };
