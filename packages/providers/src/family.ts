/** How the table is written: what variants of one service share is said once. */
import { READ_ON } from './operators.ts';
import type { Blocked, Ended, Operator, Provider, Source } from './provider.ts';

/** What the variants of one operator have in common. */
export interface Family {
  readonly operator: Operator;
  readonly source: Source;
  readonly dnssec: boolean | null;
  readonly clientSubnet: boolean | null;
  readonly ended?: Ended;
}

interface Variant {
  readonly name: string;
  readonly authName: string;
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
  readonly blocks?: readonly Blocked[];
  readonly dnssec?: boolean | null;
  readonly clientSubnet?: boolean | null;
}

export function family(common: Family, variants: readonly Variant[]): readonly Provider[] {
  return variants.map((variant) => ({
    blocks: [],
    verified: false,
    ...common,
    ...variant,
    ended: common.ended ?? null,
  }));
}

/** A page that says so, read in a stored copy. */
export function page(kind: 'operator' | 'third-party', url: string): Source {
  return { kind, url, readOn: READ_ON };
}

/** AdGuard's list of known providers: its own page for AdGuard, a third party's for others. */
export const ADGUARD_LIST =
  'https://raw.githubusercontent.com/AdguardTeam/KnowledgeBaseDNS/master/docs/general/dns-providers.md';
