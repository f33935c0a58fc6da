import type { UpstreamError } from './errors.ts';

/** Why a connection ended. */
export type CloseReason =
  /** By us, after it had been idle. */
  | 'idle'
  /** By us, after it was replaced and owed nothing more. */
  | 'replaced'
  /** By us: it brought no answer for `stallTimeoutMs`. */
  | 'stalled'
  /** By us: what came over it is not DNS. */
  | 'protocol'
  /** By us, because the upstreams are closed. */
  | 'shutdown'
  /** In order, by the server. */
  | 'server'
  /** By an error, such as a reset. */
  | 'error';

export interface ConnectionOpened {
  readonly upstream: string;
  /** How long the TCP handshake took, the resolving of a host name included. */
  readonly connectMs: number;
  readonly handshakeMs: number;
  readonly resumed: boolean;
  /** As OpenSSL names it, such as `TLSv1.3`. */
  readonly protocol: string;
}

export interface ConnectionClosed {
  readonly upstream: string;
  readonly reason: CloseReason;
  readonly ageMs: number;
  readonly sent: number;
  readonly answered: number;
  /** Queries that were in flight and must be asked elsewhere, or fail. */
  readonly lost: number;
  readonly cause: Error | null;
}

/** A message from a server that answers none of its queries, or answers one too late. */
export type Stray =
  /** No query in flight has this message ID. */
  | 'unknown-id'
  /** The ID is right, the question, the opcode or the QR bit is not. */
  | 'wrong-question'
  /** The query had been given up. */
  | 'late';

/** Is told what happens, for logs and counters. Must not throw. What is not needed is left out. */
export interface UpstreamObserver {
  connectionOpened?(event: ConnectionOpened): void;
  connectionClosed?(event: ConnectionClosed): void;
  /** No connection came about. One call for each dial, however many queries waited for it. */
  dialFailed?(error: UpstreamError): void;
  /** A query is asked again, after its connection was lost or the server refused our OPT. */
  queryRetried?(upstream: string, why: 'connection-lost' | 'opt-refused'): void;
  /** Any {@link Stray}; it was ignored. */
  strayMessage?(upstream: string, kind: Stray): void;
}
