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
  /** As OpenSSL names it, such as `TLSv1.3`; `TCP` without TLS. */
  readonly protocol: string;
  /**
   * Why nobody knows whether this is the server that was meant; absent when it has proved it. Only where opportunistic
   * encryption was asked for. Worth a loud line in the log.
   */
  readonly unauthenticated?: string;
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

/** The files of a client certificate were read again. */
export interface ClientCertificateRead {
  readonly certFile: string;
  readonly keyFile: string;
  /** `null`: connections use the new pair from now on. Else why the old pair stays. Told once for each state of the files. */
  readonly problem: string | null;
}

/** A message from a server that answers none of its queries, or answers one too late. */
export type Stray =
  /** No query in flight has this message ID. */
  | 'unknown-id'
  /** The ID is right, the question, the opcode or the QR bit is not. */
  | 'wrong-question'
  /** The query had been given up. */
  | 'late';

/** Why a query is asked again. */
export type RetryReason =
  | 'connection-lost'
  /** The server refused the OPT that we had added. */
  | 'opt-refused'
  /** SERVFAIL counts as a failure, by setting. */
  | 'servfail'
  /** Plain DNS: nothing came. */
  | 'udp-silent'
  /** Plain DNS: the response was too large for UDP. */
  | 'udp-truncated';

/** Is told what happens, for logs and counters. Must not throw. What is not needed is left out. */
export interface UpstreamObserver {
  connectionOpened?(event: ConnectionOpened): void;
  connectionClosed?(event: ConnectionClosed): void;
  /** No connection came about. One call for each dial, however many queries waited for it. */
  dialFailed?(error: UpstreamError): void;
  /** A query is asked again. */
  queryRetried?(upstream: string, why: RetryReason): void;
  /** A query is asked of this upstream too, since the one that has it takes long. */
  queryHedged?(upstream: string): void;
  clientCertificateRead?(event: ClientCertificateRead): void;
  /** Any {@link Stray}; it was ignored. */
  strayMessage?(upstream: string, kind: Stray): void;
}
