/** What the forwarder tells about its work: for the query log, for counters. */
import type { Client, Reply } from '@tridot/listener';

/** How a query came to its end. */
export type Outcome =
  /** The upstream's response was passed on. */
  | 'answered'
  /** We refused it ourselves: FORMERR, BADVERS, NOTIMP. It never went upstream. */
  | 'rejected'
  /** No usable response came: SERVFAIL. */
  | 'failed'
  /** It was no query: shorter than a header, or a response. Nothing was replied. */
  | 'dropped';

/** One query, finished. The buffers belong to others: read them during the call, change and keep nothing. */
export interface FinishedQuery {
  readonly outcome: Outcome;
  readonly client: Client;
  readonly query: Buffer;
  readonly reply: Reply;
  /** Name of the upstream that answered; `null` when none did. */
  readonly upstream: string | null;
  /** Why it failed; `null` when it did not. */
  readonly error: unknown;
  /** When the query came, by `performance.now()`, in milliseconds. */
  readonly startedMs: number;
}

/** Neither method may throw. */
export interface ForwarderObserver {
  /** Called once for every query, just before its reply is handed to the listener. */
  onFinished(finished: FinishedQuery): void;
  /** Called for an error that is nobody's failure but a bug of ours. The client gets SERVFAIL. */
  onInternalError(error: unknown, client: Client): void;
}
