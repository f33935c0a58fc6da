/** Names that have a meaning of their own and must not be asked for upstream. */
import { PolicyOptionError } from './errors.ts';

/** How the names of a zone are answered. */
export type SpecialKind =
  /** Nothing exists, the zone's own name included. */
  | 'nothing'
  /** Every name has the loopback addresses and nothing else. */
  | 'loopback'
  /** The zone exists, with SOA and NS, and nothing below it. */
  | 'empty'
  /** Every name exists and has no records. */
  | 'no-data';

/** One name that is answered, with all below it. */
export interface SpecialZone {
  /** In lower case, without the dot at the end; also its switch. */
  readonly name: string;
  readonly kind: SpecialKind;
  /**
   * Whether a query for the DS record of the zone's own name goes upstream: the parent has an insecure delegation, and a
   * validating client needs the proof of it (RFC 8375 §4).
   */
  readonly forwardsDs: boolean;
}

const zone = (name: string, kind: SpecialKind): SpecialZone => ({ name, kind, forwardsDs: false });
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
const ZERO_NIBBLES = Array.from({ length: 31 }, () => '0').join('.');

/** Reverse zones of private and special addresses (RFC 6303 §4). */
const RFC6303 = [
  '10.in-addr.arpa',
  ...range(16, 31).map((octet) => `${octet}.172.in-addr.arpa`),
  '168.192.in-addr.arpa',
  '0.in-addr.arpa',
  '127.in-addr.arpa',
  '254.169.in-addr.arpa',
  '2.0.192.in-addr.arpa',
  '100.51.198.in-addr.arpa',
  '113.0.203.in-addr.arpa',
  '255.255.255.255.in-addr.arpa',
  `0.${ZERO_NIBBLES}.ip6.arpa`,
  `1.${ZERO_NIBBLES}.ip6.arpa`,
  'd.f.ip6.arpa',
  '8.e.f.ip6.arpa',
  '9.e.f.ip6.arpa',
  'a.e.f.ip6.arpa',
  'b.e.f.ip6.arpa',
  '8.b.d.0.1.0.0.2.ip6.arpa',
];

/** Reverse zones of the address space shared by carriers (RFC 7793). */
const RFC7793 = range(64, 127).map((octet) => `${octet}.100.in-addr.arpa`);

const ZONES: readonly SpecialZone[] = [
  zone('onion', 'nothing'), // RFC 7686 §2
  zone('localhost', 'loopback'), // RFC 6761 §6.3
  zone('invalid', 'nothing'), // RFC 6761 §6.4
  zone('test', 'nothing'), // RFC 6761 §6.2
  zone('local', 'nothing'), // RFC 6762 §22.1
  { name: 'home.arpa', kind: 'empty', forwardsDs: true }, // RFC 8375 §4
  zone('resolver.arpa', 'no-data'), // RFC 9462 §6.1, §6.4
  ...[...RFC6303, ...RFC7793].map((name) => zone(name, 'empty')),
];

const GROUPS: ReadonlyMap<string, readonly string[]> = new Map([
  ['rfc6303', RFC6303],
  ['rfc7793', RFC7793],
]);

/** Everything that can be switched off: each zone by its name, and the reverse zones by the RFC that lists them. */
export const SPECIAL_SWITCHES: readonly string[] = [...ZONES.map(({ name }) => name), ...GROUPS.keys()];

/**
 * The zones that are answered.
 *
 * @param off entries of {@link SPECIAL_SWITCHES}, in any case, with or without the dot at the end.
 * @throws {PolicyOptionError} ERR_SPECIAL_NAME: one that is not there.
 */
export function specialZones(off: readonly string[]): readonly SpecialZone[] {
  const names = new Set<string>();
  for (const given of off) {
    const name = given.toLowerCase().replace(/\.$/, '');
    if (!SPECIAL_SWITCHES.includes(name)) {
      const some = ZONES.slice(0, 8).map((entry) => entry.name);
      throw new PolicyOptionError(
        'ERR_SPECIAL_NAME',
        `special name ${JSON.stringify(given)} is not one of ${some.join(', ')} and the other reverse zones, rfc6303 or rfc7793`,
      );
    }
    for (const member of GROUPS.get(name) ?? [name]) names.add(member);
  }
  return ZONES.filter(({ name }) => !names.has(name));
}
