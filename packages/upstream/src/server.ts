import type { UpstreamError } from './errors.ts';
import type { Latency } from './latency.ts';
import type { PendingQuery, QueryHolder } from './pending-query.ts';

/** What selection needs to know of a server. */
export interface Candidate {
  /** Nothing speaks against giving it a query. */
  readonly healthy: boolean;
  /** It failed lately, and may not be tried before this (`performance.now()`); in the past: it may be. */
  readonly outUntilMs: number;
  readonly latency: Latency;
  /** Asks a question of our own, to find out whether the server is back. */
  probe(): void;
}

/** One upstream, by whatever transport. */
export interface Server extends Candidate, QueryHolder {
  readonly name: string;
  /** When it failed last; 0 when it has not since it last answered. */
  readonly failedAtMs: number;
  /** Why it is out; `null` when it is not. */
  readonly lastError: UpstreamError | null;
  /** Open connections. */
  readonly connections: number;
  /** Queries given to it that it has not answered and nobody has taken back, probes included. */
  readonly inFlight: number;
  /**
   * Sends the query, or keeps it until it can be sent; `sentMs` is now. It comes back through the {@link QueryOwner}, with
   * `answeredMs` if it is answered.
   */
  take(pending: PendingQuery): void;
  /** May be tried again at once. */
  forgive(): void;
  /** Opens a connection before there is a query, where one is to be kept. */
  warmUp(): void;
  /** Replaces every connection, once a new one is there. */
  renew(): void;
  /** Ends every connection in order. What is still asked must have been settled. */
  close(): Promise<void>;
}

/** Who decides what becomes of a query that a server is done with. */
export interface QueryOwner {
  answered(pending: PendingQuery, response: Buffer, server: Server): void;
  /** This server could not serve it; it may be tried again, here or elsewhere. */
  unserved(pending: PendingQuery, error: UpstreamError): void;
  /** It must not be sent again. */
  failed(pending: PendingQuery, error: UpstreamError): void;
}
