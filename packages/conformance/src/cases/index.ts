import type { ConformanceCase } from '../case.ts';
import { ADMISSION_CASES } from './admission.cases.ts';
import { CACHE_CASES } from './cache.cases.ts';
import { CACHE_BOUND_CASES } from './cache-bounds.cases.ts';
import { CACHE_FAILURE_CASES } from './cache-failures.cases.ts';
import { CACHE_KEY_CASES } from './cache-keys.cases.ts';
import { NEVER_KEPT_CASES } from './cache-refused.cases.ts';
import { CACHE_REPLY_CASES } from './cache-replies.cases.ts';
import { COALESCING_CASES } from './coalescing.cases.ts';
import { EDNS_CASES } from './edns.cases.ts';
import { EDNS_OPTION_CASES } from './edns-options.cases.ts';
import { EDNS_REFUSED_CASES } from './edns-refused.cases.ts';
import { ERROR_REPLY_CASES } from './error-replies.cases.ts';
import { ERROR_CASES } from './errors.cases.ts';
import { HOSTILE_CASES } from './hostile.cases.ts';
import { LIFECYCLE_CASES } from './lifecycle.cases.ts';
import { NAME_CASES } from './names.cases.ts';
import { OPCODE_CASES } from './opcodes.cases.ts';
import { REVERSE_ZONE_CASES } from './reverse-zones.cases.ts';
import { SECURITY_CASES } from './security.cases.ts';
import { TCP_FRAMING_CASES } from './tcp-framing.cases.ts';
import { TCP_LIFECYCLE_CASES } from './tcp-lifecycle.cases.ts';
import { TCP_LIMIT_CASES } from './tcp-limits.cases.ts';
import { TCP_PIPELINING_CASES } from './tcp-pipelining.cases.ts';
import { TLS_IDENTITY_CASES } from './tls-identity.cases.ts';
import { TLS_PRIVACY_CASES } from './tls-privacy.cases.ts';
import { TRANSPARENCY_CASES } from './transparency.cases.ts';
import { TRUNCATION_CASES } from './truncation.cases.ts';
import { UDP_CASES } from './udp.cases.ts';
import { FORGED_UDP_CASES } from './udp-forged.cases.ts';
import { UDP_RESPONSE_CASES } from './udp-responses.cases.ts';
import { UPSTREAM_CONNECTION_CASES } from './upstream-connections.cases.ts';
import { UPSTREAM_FAULT_CASES } from './upstream-faults.cases.ts';
import { WRONG_RESPONSE_CASES } from './wrong-responses.cases.ts';

/** What is kept ages with the clock, so the octets that clients get are not the same in every run. */
const OF_MEMORY: readonly ConformanceCase[] = [
  ...CACHE_FAILURE_CASES,
  ...CACHE_CASES,
  ...CACHE_KEY_CASES,
  ...CACHE_REPLY_CASES,
  ...NEVER_KEPT_CASES,
  ...CACHE_BOUND_CASES,
  ...COALESCING_CASES,
].map((each) => ({ ...each, outcome: 'varies' }));

/** Every case, in the order of the report. */
export const CASES: readonly ConformanceCase[] = [
  ...UDP_CASES,
  ...UDP_RESPONSE_CASES,
  ...FORGED_UDP_CASES,
  ...TCP_FRAMING_CASES,
  ...TCP_PIPELINING_CASES,
  ...TCP_LIFECYCLE_CASES,
  ...TCP_LIMIT_CASES,
  ...TRANSPARENCY_CASES,
  ...HOSTILE_CASES,
  ...OPCODE_CASES,
  ...ERROR_REPLY_CASES,
  ...EDNS_CASES,
  ...EDNS_REFUSED_CASES,
  ...EDNS_OPTION_CASES,
  ...TRUNCATION_CASES,
  ...ERROR_CASES,
  ...OF_MEMORY,
  ...TLS_IDENTITY_CASES,
  ...TLS_PRIVACY_CASES,
  ...UPSTREAM_CONNECTION_CASES,
  ...UPSTREAM_FAULT_CASES,
  ...WRONG_RESPONSE_CASES,
  ...NAME_CASES,
  ...REVERSE_ZONE_CASES,
  ...SECURITY_CASES,
  ...ADMISSION_CASES,
  ...LIFECYCLE_CASES,
];
