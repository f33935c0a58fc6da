/**
 * A table of public DNS-over-TLS resolvers: where they are, who runs them under which law, what they block, and how much
 * of that was checked. Imports nothing.
 */
export { type Limit, PROBE_LIMITS, type ProbeLimits } from './limits.ts';
export type { ProbeResult, ProbeTarget, ProbeTimes } from './probe.ts';
export { type AddressResult, type ProbeOptions, probeProviders } from './probe-providers.ts';
export {
  addressesOf,
  type Blocked,
  DOT_PORT,
  type Ended,
  type Operator,
  type PrivacyPolicy,
  type Provider,
  type Source,
} from './provider.ts';
export { findProvider, PROVIDERS } from './table.ts';
