import { OPCODE, type OutgoingQuery } from '@tridot/wire';
import type { Contest } from './contest.ts';
import type { Expiring } from './deadlines.ts';
import type { UpstreamError, UpstreamPhase } from './errors.ts';
import type { Server } from './server.ts';
import { type Moments, type Setup, type Timings, timingsOf } from './timings.ts';

/** What a query resolves to. */
export interface UpstreamAnswer {
  /** The whole response, owned by the receiver. Its message ID is the one used upstream. */
  readonly message: Buffer;
  /** The name of the upstream that answered, for logs. */
  readonly upstream: string;
  /** Where the time went. Computed at each access. */
  readonly timings: Timings;
}

/** Where a query was when it was given up. */
export interface Whereabouts {
  readonly upstream: string;
  readonly phase: UpstreamPhase;
  readonly connectionAgeMs?: number;
}

/** Who holds a query at present: a connection, or a server that has none for it yet. */
export interface QueryHolder {
  /** Nobody waits for this query any more, since `nowMs`. */
  abandon(pending: PendingQuery, nowMs: number): Whereabouts;
}

/** A response that was not good enough, kept for when nobody has a better one. */
export interface Detour {
  readonly tried: Server[];
  answer: UpstreamAnswer;
}

/** One query on its way: the only object made for it besides its promise and its answer. */
export class PendingQuery implements Expiring<PendingQuery>, Moments {
  /** Replaced by one without OPT when the server does not understand EDNS. */
  query: OutgoingQuery;
  readonly startedMs: number;
  readonly deadlineMs: number;
  /** Replaced when the query enters a {@link Contest}. */
  resolve: (answer: UpstreamAnswer) => void;
  reject: (error: UpstreamError) => void;
  settled = false;
  /** How often it was written to a connection, or is about to be. */
  sends = 0;
  sentMs = 0;
  setup: Setup | null = null;
  /** `null` while it is on its way from one to the next. */
  holder: QueryHolder | null = null;
  /** When it first met a failure, and what the last failure was. */
  failedAtMs = 0;
  failure: UpstreamError | null = null;
  /** The one server that it may be asked of; `null`: any of the group. */
  only: Server | null = null;
  contest: Contest | null = null;
  detour: Detour | null = null;
  /** When it was given to the server that it is with; kept only where hedging is on. */
  placedMs = 0;
  earlier: PendingQuery | null = null;
  later: PendingQuery | null = null;

  constructor(
    query: OutgoingQuery,
    startedMs: number,
    deadlineMs: number,
    resolve: (answer: UpstreamAnswer) => void,
    reject: (error: UpstreamError) => void,
  ) {
    this.query = query;
    this.startedMs = startedMs;
    this.deadlineMs = deadlineMs;
    this.resolve = resolve;
    this.reject = reject;
  }

  /** Whether somebody would use an answer. The losers of a contest stay only to tell how their servers do. */
  get wanted(): boolean {
    return !this.settled && (this.contest === null || !this.contest.decided);
  }
}

/** An answer that computes its timings for those who ask. */
export class Answer implements UpstreamAnswer {
  readonly message: Buffer;
  readonly upstream: string;
  /** Plain fields: one of these is made for each answer. */
  private readonly pending: PendingQuery;
  private readonly atMs: number;

  constructor(message: Buffer, upstream: string, pending: PendingQuery, atMs: number) {
    this.message = message;
    this.upstream = upstream;
    this.pending = pending;
    this.atMs = atMs;
  }

  get timings(): Timings {
    return timingsOf(this.pending, this.atMs);
  }
}

/** Whether a query may be sent a second time when nobody knows what became of the first. An UPDATE would be done twice. */
export function isRepeatable(query: OutgoingQuery): boolean {
  return query.opcode === OPCODE.QUERY || query.opcode === OPCODE.NOTIFY;
}
