/** What is known of a public resolver, and how well it is known. */

/** Something that a resolver refuses to resolve. */
export type Blocked = 'malware' | 'ads' | 'trackers' | 'adult' | 'gambling' | 'social-media';

/** Where a statement comes from. Dates are ISO 8601. */
export interface Source {
  /**
   * `operator`: a stored copy of the operator's own page. `third-party`: somebody else's list. `memory`: no page at hand
   * says so. None of these was fetched live.
   */
  readonly kind: 'operator' | 'third-party' | 'memory';
  /** Absent for `memory`. */
  readonly url?: string;
  readonly readOn: string;
}

export interface PrivacyPolicy {
  readonly url: string;
  readonly checkedOn: string;
  /** `read-in-part`: an excerpt of a stored copy was read. `link-only`: only that this is its address was seen, or remembered. */
  readonly check: 'read-in-part' | 'link-only';
}

/** Who runs a resolver, and whose law binds them. Servers may stand in any country: most of these are anycast. */
export interface Operator {
  readonly name: string;
  /** ISO 3166-1 alpha-2 code of the seat. */
  readonly country: string;
  /** The law that governs the operator. */
  readonly law: string;
  readonly privacyPolicy: PrivacyPolicy;
}

/** One resolver service that answers over TLS. Variants with another filter are providers of their own. */
export interface Provider {
  /** What a user writes: lower-case letters, digits and hyphens. */
  readonly name: string;
  readonly operator: Operator;
  /** A dNSName of the certificate (RFC 8310 §8.1), and the SNI, which alone tells some variants apart. */
  readonly authName: string;
  /** IPv4 literals in order of preference. */
  readonly ipv4: readonly string[];
  /** IPv6 literals in order of preference; empty when none are known. */
  readonly ipv6: readonly string[];
  /** Empty: it says that it blocks nothing. What a court orders it to block is not in here. */
  readonly blocks: readonly Blocked[];
  /** Whether it validates DNSSEC; `null`: not known. */
  readonly dnssec: boolean | null;
  /** Whether it tells authoritative servers the client's subnet (RFC 7871); `null`: not known. */
  readonly clientSubnet: boolean | null;
  /** For addresses and authentication name. */
  readonly source: Source;
  /** Whether all of this was tried against the live service by the project. */
  readonly verified: boolean;
  /** Set when the service was switched off: its name is kept so that a configuration can be told why it fails. */
  readonly ended: Ended | null;
}

export interface Ended {
  readonly on: string;
  readonly url: string;
}

/** Port of every provider of the table (RFC 7858 §3.1). */
export const DOT_PORT = 853;

/** All addresses, IPv4 first, each family in order of preference. */
export function addressesOf(provider: Provider): readonly string[] {
  return [...provider.ipv4, ...provider.ipv6];
}
