/** What the forwarder tells about its work: for the query log, for counters. */
import type { Client, Reply } from '@tridot/listener';
import type { Timings } from './port.ts';

/** How a query came to its end. */
export type Outcome =
  /** It got an answer, from wherever. */
  | 'answered'
  /** We refused it ourselves: FORMERR, BADVERS, NOTIMP. It never went upstream. */
  | 'rejected'
  /** No usable response came: SERVFAIL. */
  | 'failed'
  /** It was no query: shorter than a header, or a response. Nothing was replied. */
  | 'dropped';

/** Where a reply came from. */
export type Source =
  /** An upstream was asked, for this query or for an equal one. */
  | 'upstream'
  /** The cache: an answer within its TTL, or a failure that is remembered. */
  | 'cache'
  /** The cache: an answer whose TTL had run out, because no new one could be had. */
  | 'stale'
  /** The cache that several forwarders share. */
  | 'shared'
  /** The policy: special names, local records, block lists. */
  | 'policy'
  /** Nowhere: it is an error reply of ours, or nothing. */
  | 'none';

/** One query, finished. The buffers belong to others: read them during the call, change and keep nothing. */
export interface FinishedQuery {
  readonly outcome: Outcome;
  readonly source: Source;
  readonly client: Client;
  readonly query: Buffer;
  readonly reply: Reply;
  /** Name of the upstream that answered; `null` when none did. */
  readonly upstream: string | null;
  /** Why it failed; `null` when it did not. */
  readonly error: unknown;
  /** When the query came, by `performance.now()`, in milliseconds. */
  readonly startedMs: number;
  /** Where the time went at the upstream; `null` when none was asked for this very query, or it does not say. */
  readonly timings: Timings | null;
}

/** Neither method may throw. */
export interface ForwarderObserver {
  /** Called once for every query, just before its reply is handed to the listener. */
  onFinished(finished: FinishedQuery): void;
  /**
   * Called for an error that is nobody's failure but a bug of ours.
   *
   * @param client who gets SERVFAIL for it; `null` when nobody was waiting.
   */
  onInternalError(error: unknown, client: Client | null): void;
}
