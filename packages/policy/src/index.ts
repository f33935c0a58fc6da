/**
 * What is answered without asking: local names, special names, blocked names. Bytes in, bytes out, synchronously.
 *
 *   query ──► one pass over QNAME: lower case, labels, a hash of every suffix
 *                │
 *                ├─► local names    records of the settings and of hosts files
 *                ├─► special names  RFC 6761, 6762, 7686, 8375, 9462, 6303, 7793
 *                └─► block lists    unless an allow list has the name
 *   reply ◄── answer, or NXDOMAIN or no data with SOA   (null: it goes on to the cache and upstream)
 */
export type { BlockAnswer } from './block-answer.ts';
export {
  PolicyFileError,
  type PolicyFileErrorCode,
  PolicyOptionError,
  type PolicyOptionErrorCode,
} from './errors.ts';
export { type Limit, POLICY_LIMITS, type PolicyLimits } from './limits.ts';
export { LOCAL_TYPES, type LocalRecordOptions, type LocalType } from './local-options.ts';
export type { FileFailed, FileKind, FileLoaded, Ignored, PolicyObserver } from './observer.ts';
export { createPolicy, type Policy, type PolicyCounters, type PolicyOptions } from './policy.ts';
export { SPECIAL_SWITCHES } from './special-names.ts';
