/**
 * The DNS-over-TLS client: authenticated, pipelined connections to recursive resolvers.
 *
 *   ask ──► routes ──► group ──► selection ──► server ──► connection ──► one TLS write for each turn of the event loop
 *           (longest    (deadline, (failover,   (≤ 2 connections, ▲
 *            suffix)     retries)   race, …)     single dial)     dial: connect, handshake, identity
 *   answer ◄─────────────────────────────────────────────── matched by message ID and question
 */
export { DEFAULT_GROUP } from './check-options.ts';
export type { ClientCertificateFiles } from './client-certificate.ts';
export { UpstreamError, type UpstreamErrorCode, UpstreamOptionError, type UpstreamPhase } from './errors.ts';
export type { ServerState, UpstreamGroup } from './group-view.ts';
export { type Limit, UPSTREAM_LIMITS, type UpstreamLimits } from './limits.ts';
export type {
  ClientCertificateRead,
  CloseReason,
  ConnectionClosed,
  ConnectionOpened,
  RetryReason,
  Stray,
  UpstreamObserver,
} from './observer.ts';
export type {
  GroupOptions,
  PlainServerOptions,
  RoutedGroupOptions,
  ServerOptions,
  TlsServerOptions,
  UpstreamsOptions,
} from './options.ts';
export type { UpstreamAnswer } from './pending-query.ts';
export { isPrivateAddress } from './private-address.ts';
export { SELECTIONS, type SelectionName } from './selection/selection.ts';
export type { Timings } from './timings.ts';
export { createUpstreams, type Route, type Upstreams } from './upstreams.ts';
