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

const US_PER_MS = 1_000;

/** One query on its way: the only object made for it besides its promise and its answer. */
export class PendingQuery implements Expiring<PendingQuery>, Moments {
  /** Replaced by one without OPT when the server does not understand EDNS. */
  query: OutgoingQuery;
  readonly deadlineMs: number;
  /** Whole milliseconds from the start to the deadline. */
  readonly timeoutMs: number;
  /** Replaced when the query enters a {@link Contest}. */
  resolve: (answer: UpstreamAnswer) => void;
  reject: (error: UpstreamError) => void;
  settled = false;
  /** How often it was written to a connection. */
  sends = 0;
  setup: Setup | null = null;
  /** `null` while it is on its way from one to the next. */
  holder: QueryHolder | null = null;
  /** What the last failure was. */
  failure: UpstreamError | null = null;
  /** The one server that it may be asked of; `null`: any of the group. */
  only: Server | null = null;
  contest: Contest | null = null;
  detour: Detour | null = null;
  earlier: PendingQuery | null = null;
  later: PendingQuery | null = null;
  // In whole microseconds from the start: V8 keeps a fraction, and what is above 31 bits, in an object of its own.
  #sentUs = 0;
  #answeredUs = 0;
  #failedUs = 0;

  constructor(
    query: OutgoingQuery,
    startedMs: number,
    timeoutMs: number,
    resolve: (answer: UpstreamAnswer) => void,
    reject: (error: UpstreamError) => void,
  ) {
    this.query = query;
    this.timeoutMs = timeoutMs;
    this.deadlineMs = startedMs + timeoutMs;
    this.resolve = resolve;
    this.reject = reject;
  }

  get startedMs(): number {
    return this.deadlineMs - this.timeoutMs;
  }

  /** When it was given to the server that has it, then when it was given to a connection. */
  get sentMs(): number {
    return this.startedMs + this.#sentUs / US_PER_MS;
  }

  set sentMs(atMs: number) {
    this.#sentUs = this.#sinceStartUs(atMs);
  }

  /** When its answer came. */
  get answeredMs(): number {
    return this.startedMs + this.#answeredUs / US_PER_MS;
  }

  set answeredMs(atMs: number) {
    this.#answeredUs = this.#sinceStartUs(atMs);
  }

  /** When it first met a failure. */
  get failedAtMs(): number {
    return this.startedMs + this.#failedUs / US_PER_MS;
  }

  set failedAtMs(atMs: number) {
    this.#failedUs = this.#sinceStartUs(atMs);
  }

  #sinceStartUs(atMs: number): number {
    return ((atMs - this.startedMs) * US_PER_MS) | 0;
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

  constructor(message: Buffer, upstream: string, pending: PendingQuery) {
    this.message = message;
    this.upstream = upstream;
    this.pending = pending;
  }

  get receivedMs(): number {
    return this.pending.answeredMs;
  }

  get timings(): Timings {
    return timingsOf(this.pending, this.pending.answeredMs);
  }
}

/** Whether a query may be sent a second time when nobody knows what became of the first. An UPDATE would be done twice. */
export function isRepeatable(query: OutgoingQuery): boolean {
  return query.opcode === OPCODE.QUERY || query.opcode === OPCODE.NOTIFY;
}
