import type { Connection } from './connection.ts';
import type { CloseReason, Stray } from './observer.ts';
import type { PendingQuery } from './pending-query.ts';

/** What a connection tells the server that it belongs to. */
export interface ConnectionOwner {
  /** For errors. */
  readonly name: string;
  /** The server's idle window, which may change while connections live, in milliseconds. */
  readonly idleWindowMs: number;
  /** A response that belongs to this query, which is not settled. */
  answered(connection: Connection, pending: PendingQuery, response: Buffer): void;
  /** Nobody waits any more for the answer to a query that was sent so long ago. */
  gaveUp(afterMs: number): void;
  /** The server answered a probe. */
  proved(): void;
  stray(kind: Stray): void;
  /** It can take queries again, or has used up its budget and owes nothing. */
  eased(connection: Connection): void;
  /** It has been idle for the idle window: to be closed, or replaced. */
  idle(connection: Connection): void;
  /** It takes no more queries and stays only for those that cannot be asked again; the others are given back. */
  stalled(connection: Connection, unsent: PendingQuery[], unanswered: PendingQuery[]): void;
  /** It takes and answers nothing any more. The queries were never written, or were written and got no answer. */
  ended(
    connection: Connection,
    reason: CloseReason,
    unsent: PendingQuery[],
    unanswered: PendingQuery[],
  ): void;
}
