import type { Limit } from '@tridot/listener';

/** Every number of the forwarder. The command line, the configuration file and the docs are made from this table. */
export const FORWARDER_LIMITS = {
  udpPayloadBytes: {
    default: 1_232,
    min: 512,
    max: 65_507,
    why: 'Longest reply over UDP, whatever more a client says it can take, and the UDP payload size that we tell clients: 1232 octets pass any path of IPv6 unfragmented (RFC 9715); 65 507 is all that a datagram holds.',
  },
} as const satisfies Record<string, Limit>;

/** One value for each entry of {@link FORWARDER_LIMITS}. */
export type ForwarderLimits = { readonly [name in keyof typeof FORWARDER_LIMITS]: number };

/** What a client without EDNS can take over UDP, and the least that one with EDNS can (RFC 1035 §4.2.1, RFC 6891 §6.2.3). */
export const MIN_UDP_PAYLOAD_BYTES = 512;
