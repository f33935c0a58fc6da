/**
 * Stands before several upstreams and compares what they say to chosen queries.
 *
 *   ask ──► chosen? ── no ──► one upstream
 *              │ yes
 *              └──► all ──► facts (what may differ taken out) ──► relation of each two ──► decision by mode ──► answer
 *                                                                                      └──► report
 */
export { type Agreement, type AgreementCounters, createAgreement } from './agreement.ts';
export { AGREEMENT_MODES, type AgreementMode } from './decide.ts';
export { AgreementError, type AgreementErrorCode, AgreementOptionError } from './errors.ts';
export { AGREEMENT_LIMITS, type AgreementLimits, type Limit } from './limits.ts';
export type { AgreementObserver, ComparedAnswer, Comparison, Outcome } from './observer.ts';
export type { AgreementOptions } from './options.ts';
export type { AskingUpstream, UpstreamAnswer } from './port.ts';
export { ADDRESS_POLICIES, type AddressPolicy } from './rdata.ts';
export { RRSET_POLICIES, type RrsetPolicy } from './relation.ts';
