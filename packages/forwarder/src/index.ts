/**
 * What a query means, once for all listeners. Bytes in, bytes out.
 *
 *   query ──► accept ──► policy ──► cache ──► coalesce ──► (shared cache) ──► Upstream.ask
 *   reply ◄── reply: id, question, EDNS, length ◄─────────────────────────────────┘
 */
export { createForwarder, type Forwarder, type ForwarderOptions } from './forwarder.ts';
export { FORWARDER_LIMITS, type ForwarderLimits } from './limits.ts';
export type { FinishedQuery, ForwarderObserver, Outcome, Source } from './observer.ts';
export type { Policy } from './policy.ts';
export type { Timings, Upstream, UpstreamAnswer } from './port.ts';
export type { SharedCache, SharedValue } from './shared-level.ts';
