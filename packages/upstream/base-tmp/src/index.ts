/**
 * The DNS-over-TLS client: authenticated, pipelined connections to recursive resolvers, in order of preference.
 *
 *   ask ──► selection ──► server ──► connection ──► one TLS write for each turn of the event loop
 *            (order,       (≤ 2 connections,           ▲ dial: connect, handshake, identity
 *             failover)     single dial, back-off)     ▼
 *   answer ◄──────────────────────────────────── matched by message ID and question
 */
export { UpstreamError, type UpstreamErrorCode, UpstreamOptionError, type UpstreamPhase } from './errors.ts';
export { type Limit, UPSTREAM_LIMITS, type UpstreamLimits } from './limits.ts';
export type {
  CloseReason,
  ConnectionClosed,
  ConnectionOpened,
  Stray,
  UpstreamObserver,
} from './observer.ts';
export type { ServerOptions, UpstreamsOptions } from './options.ts';
export type { UpstreamAnswer } from './pending-query.ts';
export { createUpstreams, type Upstreams } from './upstreams.ts';
