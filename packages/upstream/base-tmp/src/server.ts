import { withoutOwnOpt } from '@tridot/wire';
import { Backoff } from './backoff.ts';
import { Connection, type ConnectionOwner } from './connection.ts';
import { refusesOurOpt } from './edns-fallback.ts';
import { UpstreamError } from './errors.ts';
import { IdleWindow } from './idle-window.ts';
import { announcedIdleMs } from './keepalive.ts';
import type { UpstreamLimits } from './limits.ts';
import type { MessageIds } from './message-ids.ts';
import type { CloseReason, Stray, UpstreamObserver } from './observer.ts';
import { isRepeatable, type PendingQuery, type QueryHolder, type Whereabouts } from './pending-query.ts';
import { QueryBudget } from './query-budget.ts';
import type { Candidate } from './selection.ts';
import type { TicketKey, Tickets } from './tickets.ts';
import { type Dial, type Dialled, type DialTarget, dial } from './tls-dial.ts';
import { WaitingQueries } from './waiting-queries.ts';

/** Who decides what becomes of a query that a server is done with. */
export interface QueryOwner {
  answered(pending: PendingQuery, response: Buffer, server: Server): void;
  /** This server could not serve it; it may be tried again, here or elsewhere. */
  unserved(pending: PendingQuery, error: UpstreamError): void;
  /** It must not be sent again. */
  failed(pending: PendingQuery, error: UpstreamError): void;
}

/** What all servers of one group share. */
export interface ServerContext {
  readonly limits: UpstreamLimits;
  readonly ids: MessageIds;
  readonly tickets: Tickets;
  readonly observer: UpstreamObserver;
  readonly owner: QueryOwner;
}

/**
 * One upstream: its few connections, the queries that wait for one, and what was learned about it. There is one dial at a
 * time. A second connection is opened only when the first takes no query: it is being replaced, or every ID is in use.
 */
export class Server implements ConnectionOwner, QueryHolder, Candidate {
  readonly name: string;
  readonly #target: DialTarget;
  readonly #ticketKey: TicketKey;
  readonly #context: ServerContext;
  readonly #backoff: Backoff;
  readonly #idleWindow: IdleWindow;
  readonly #budget: QueryBudget;
  readonly #waiting = new WaitingQueries();
  readonly #released = Promise.withResolvers<void>();
  #connections: Connection[] = [];
  #dial: Dial | null = null;
  #redial: NodeJS.Timeout | null = null;
  #lastError: UpstreamError | null = null;
  #closing = false;
  /** Sockets that were opened and are not closed yet. */
  #sockets = 0;

  constructor(target: DialTarget, ticketKey: TicketKey, context: ServerContext) {
    this.name = target.name;
    this.#target = target;
    this.#ticketKey = ticketKey;
    this.#context = context;
    this.#backoff = new Backoff(context.limits);
    this.#idleWindow = new IdleWindow(context.limits.idleTimeoutMs);
    this.#budget = new QueryBudget(() => {
      for (const connection of this.#connections) connection.budget = this.#budget.queries;
      this.#serve();
    });
  }

  get healthy(): boolean {
    return this.#backoff.failures === 0 || this.#usable() !== undefined;
  }

  get outUntilMs(): number {
    return this.#backoff.untilMs;
  }

  /** Why it is out; `null` when it is not. */
  get lastError(): UpstreamError | null {
    return this.#lastError;
  }

  /** Sends the query, or keeps it until it can be sent. It comes back through the {@link QueryOwner}. */
  take(pending: PendingQuery): void {
    const connection = this.#usable();
    if (connection !== undefined) {
      connection.send(pending);
      return;
    }
    if (this.#waiting.size >= this.#context.limits.maxWaiting) {
      this.#context.owner.failed(
        pending,
        this.#error('ERR_UPSTREAM_OVERLOADED', 'too many queries wait already'),
      );
      return;
    }
    pending.holder = this;
    this.#waiting.add(pending);
    this.#connect();
  }

  abandon(): Whereabouts {
    this.#waiting.abandonOne();
    return { upstream: this.name, phase: this.#dial === null ? 'queue' : 'dial' };
  }

  probe(): void {
    if (this.#usable() === undefined) this.#connect();
  }

  /** Ends every connection in order. What is still asked must have been settled. */
  close(): Promise<void> {
    this.#closing = true;
    if (this.#redial !== null) clearTimeout(this.#redial);
    this.#budget.stop();
    this.#dial?.abort();
    for (const connection of [...this.#connections]) connection.close('shutdown');
    if (this.#sockets === 0) this.#released.resolve();
    return this.#released.promise;
  }

  // --- What its connections tell ---

  answered(connection: Connection, pending: PendingQuery, response: Buffer): void {
    const { limits, observer, owner } = this.#context;
    if (this.#backoff.failures > 0) {
      this.#backoff.succeeded();
      this.#lastError = null;
    }
    const idleMs = announcedIdleMs(response);
    if (idleMs !== null) this.#obey(idleMs, connection);
    if (refusesOurOpt(response, pending.query) && pending.sends < limits.maxSends) {
      observer.queryRetried?.(this.name, 'opt-refused');
      pending.query = withoutOwnOpt(pending.query);
      this.take(pending);
      return;
    }
    owner.answered(pending, response, this);
  }

  stray(kind: Stray): void {
    this.#context.observer.strayMessage?.(this.name, kind);
  }

  eased(connection: Connection): void {
    if (connection.owed === 0 && connection.sent >= connection.budget) this.#budget.doubt();
    if (this.#waiting.size > 0) this.#serve();
  }

  stalled(connection: Connection, unsent: PendingQuery[], unanswered: PendingQuery[]): void {
    this.#askAgain(this.#stallError(connection), true, unsent, unanswered);
  }

  ended(
    connection: Connection,
    reason: CloseReason,
    unsent: PendingQuery[],
    unanswered: PendingQuery[],
  ): void {
    const { observer } = this.#context;
    this.#connections = this.#connections.filter((other) => other !== connection);
    this.#learn(connection, reason, unanswered.length);
    observer.connectionClosed?.({
      upstream: this.name,
      reason,
      ageMs: connection.ageMs,
      sent: connection.sent,
      answered: connection.answered,
      lost: unsent.length + unanswered.length,
      cause: connection.cause,
    });
    if (this.#closing) return;
    if (unsent.length + unanswered.length > 0) {
      // A server that takes queries and answers none is treated like one that cannot be reached.
      const fruitless = connection.answered === 0 || reason === 'stalled' || reason === 'protocol';
      this.#askAgain(this.#endError(connection, reason), fruitless, unsent, unanswered);
    }
    if (this.#waiting.size > 0) this.#serve();
  }

  // --- Connections ---

  #usable(): Connection | undefined {
    for (const connection of this.#connections) if (connection.takes) return connection;
    return undefined;
  }

  /** Gives the queries that wait to connections, as far as these take them. */
  #serve(): void {
    for (;;) {
      const connection = this.#usable();
      if (connection === undefined) break;
      const pending = this.#waiting.next();
      if (pending === null) return;
      connection.send(pending);
    }
    if (this.#waiting.size > 0) this.#connect();
  }

  #connect(): void {
    if (this.#closing || this.#dial !== null || this.#redial !== null) return;
    if (this.#connections.length >= this.#context.limits.maxConnections) {
      this.#makeRoom();
      return;
    }
    const pauseMs = this.#backoff.untilMs - performance.now();
    if (pauseMs > 0) {
      this.#redial = setTimeout(this.#onPauseOver, pauseMs);
      return;
    }
    const { limits, tickets } = this.#context;
    const ticket = tickets.take(this.#ticketKey);
    this.#sockets++;
    this.#dial = dial(this.#target, ticket, limits, {
      onDone: this.#onDialled,
      onTicket: (fresh) => tickets.put(this.#ticketKey, fresh),
      onClosed: () => this.#onReleased(),
    });
  }

  /** Ends a connection that takes no query for good, if there is one: {@link ended} then goes on. */
  #makeRoom(): void {
    const spent = this.#connections.find(({ owed, sent, budget }) => owed === 0 && sent >= budget);
    (spent ?? this.#connections.find(({ replaced }) => replaced))?.close('replaced');
  }

  readonly #onPauseOver = (): void => {
    this.#redial = null;
    if (this.#waiting.size > 0) this.#connect();
  };

  readonly #onDialled = (result: Dialled | UpstreamError): void => {
    const { limits, ids, observer } = this.#context;
    this.#dial = null;
    if (result instanceof UpstreamError) {
      this.#onDialFailed(result);
      return;
    }
    const { socket, ...facts } = result;
    this.#connections.push(
      new Connection(socket, limits, ids, this, () => this.#idleWindow.ms, this.#budget.queries),
    );
    observer.connectionOpened?.({ upstream: this.name, ...facts });
    this.#serve();
  };

  #onReleased(): void {
    this.#sockets--;
    if (this.#closing && this.#sockets === 0) this.#released.resolve();
  }

  #onDialFailed(error: UpstreamError): void {
    const { observer, owner, tickets } = this.#context;
    // A session may be what the server choked on.
    if (error.phase === 'handshake') tickets.drop(this.#ticketKey);
    this.#fail(error);
    observer.dialFailed?.(error);
    // Another connection may only be full: then the queries wait for it.
    if (this.#connections.some((connection) => !connection.replaced)) this.#serve();
    else for (const pending of this.#waiting.takeAll()) owner.unserved(pending, error);
  }

  // --- Failures ---

  #fail(error: UpstreamError): void {
    this.#lastError = error;
    this.#backoff.failed(performance.now());
  }

  #askAgain(
    error: UpstreamError,
    fruitless: boolean,
    unsent: PendingQuery[],
    unanswered: PendingQuery[],
  ): void {
    const { limits, observer, owner } = this.#context;
    if (fruitless) this.#fail(error);
    for (const pending of unanswered) {
      if (!isRepeatable(pending.query) || pending.sends >= limits.maxSends) {
        owner.failed(pending, error);
        continue;
      }
      observer.queryRetried?.(this.name, 'connection-lost');
      if (fruitless) owner.unserved(pending, error);
      else this.take(pending);
    }
    for (const pending of unsent) {
      if (fruitless) owner.unserved(pending, error);
      else this.take(pending);
    }
  }

  /** What the server announced. RFC 7828 §3.2.2. */
  #obey(idleMs: number, connection: Connection): void {
    const beforeMs = this.#idleWindow.ms;
    this.#idleWindow.announced(idleMs);
    if (idleMs === 0) connection.replace();
    if (this.#idleWindow.ms < beforeMs) for (const each of this.#connections) each.lookSooner();
  }

  #learn(connection: Connection, reason: CloseReason, lost: number): void {
    if (reason === 'idle') this.#idleWindow.closedByUs();
    if (reason !== 'server' && reason !== 'error') return;
    if (connection.sent >= connection.budget) this.#budget.confirmed();
    this.#budget.closedEarly(connection.answered, lost);
    const { idleMs } = connection;
    if (idleMs !== null && connection.answered > 0) this.#idleWindow.closedByServer(idleMs);
  }

  #endError(connection: Connection, reason: CloseReason): UpstreamError {
    if (reason === 'stalled') return this.#stallError(connection);
    const why = connection.cause === null ? '' : `: ${connection.cause.message}`;
    if (reason === 'protocol') return this.#error('ERR_UPSTREAM_PROTOCOL', `not DNS${why}`, connection);
    return this.#error('ERR_UPSTREAM_CLOSED', `connection lost${why}`, connection);
  }

  #stallError(connection: Connection): UpstreamError {
    const { stallTimeoutMs } = this.#context.limits;
    return this.#error('ERR_UPSTREAM_TIMEOUT', `no answer to anything for ${stallTimeoutMs} ms`, connection);
  }

  #error(code: UpstreamError['code'], what: string, connection?: Connection): UpstreamError {
    return new UpstreamError(code, what, {
      upstream: this.name,
      phase: connection === undefined ? 'queue' : 'wait',
      ...(connection === undefined
        ? {}
        : { connectionAgeMs: connection.ageMs, cause: connection.cause ?? undefined }),
    });
  }
}
