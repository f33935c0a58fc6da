import { OPCODE, type OutgoingQuery } from '@tridot/wire';
import type { Expiring } from './deadlines.ts';
import type { UpstreamError, UpstreamPhase } from './errors.ts';

/** What a query resolves to. */
export interface UpstreamAnswer {
  /** The whole response, owned by the receiver. Its message ID is the one used upstream. */
  readonly message: Buffer;
  /** The name of the upstream that answered, for logs. */
  readonly upstream: string;
}

/** Where a query was when it was given up. */
export interface Whereabouts {
  readonly upstream: string;
  readonly phase: UpstreamPhase;
  readonly connectionAgeMs?: number;
}

/** Who holds a query at present: a connection, or a server that has none for it yet. */
export interface QueryHolder {
  /** Nobody waits for this query any more. */
  abandon(pending: PendingQuery): Whereabouts;
}

/** One query on its way: the only object made for it besides its promise. */
export class PendingQuery implements Expiring<PendingQuery> {
  /** Replaced by one without OPT when the server does not understand EDNS. */
  query: OutgoingQuery;
  readonly deadlineMs: number;
  readonly resolve: (answer: UpstreamAnswer) => void;
  readonly reject: (error: UpstreamError) => void;
  settled = false;
  /** How often it was written to a connection. */
  sends = 0;
  /** `null` while it is on its way from one to the next. */
  holder: QueryHolder | null = null;
  /** When it first met a failure, and what the last failure was. */
  failedAtMs = 0;
  failure: UpstreamError | null = null;
  earlier: PendingQuery | null = null;
  later: PendingQuery | null = null;

  constructor(
    query: OutgoingQuery,
    deadlineMs: number,
    resolve: (answer: UpstreamAnswer) => void,
    reject: (error: UpstreamError) => void,
  ) {
    this.query = query;
    this.deadlineMs = deadlineMs;
    this.resolve = resolve;
    this.reject = reject;
  }
}

/** Whether a query may be sent a second time when nobody knows what became of the first. An UPDATE would be done twice. */
export function isRepeatable(query: OutgoingQuery): boolean {
  return query.opcode === OPCODE.QUERY || query.opcode === OPCODE.NOTIFY;
}
