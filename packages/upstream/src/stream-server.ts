import { Connection, type ConnectionOwner } from './connection.ts';
import { lostError, overloadedError } from './connection-errors.ts';
import { ConnectionPool } from './connection-pool.ts';
import { type Dialled, Dialler, type Opener } from './dialler.ts';
import { retryWithoutOpt } from './edns-fallback.ts';
import type { UpstreamError } from './errors.ts';
import { announcedIdleMs } from './keepalive.ts';
import { Latency } from './latency.ts';
import type { UpstreamLimits } from './limits.ts';
import type { MessageIds } from './message-ids.ts';
import type { CloseReason, Stray, UpstreamObserver } from './observer.ts';
import { isRepeatable, type PendingQuery, type Whereabouts } from './pending-query.ts';
import type { QueryOwner, Server } from './server.ts';
import { ServerHabits } from './server-habits.ts';
import { WaitingQueries } from './waiting-queries.ts';

/** What all servers of one group share. */
export interface ServerContext {
  readonly limits: UpstreamLimits;
  readonly ids: MessageIds;
  readonly observer: UpstreamObserver;
  readonly owner: QueryOwner;
}

/**
 * A server reached over TLS, or over TCP: its few connections and the queries that wait for one. A second connection is
 * opened only when the first takes no query: it is being replaced, or every ID is in use.
 */
export class StreamServer implements Server, ConnectionOwner {
  readonly name: string;
  readonly latency = new Latency();
  readonly #context: ServerContext;
  readonly #dialler: Dialler;
  readonly #habits: ServerHabits;
  readonly #warm: boolean;
  readonly #waiting = new WaitingQueries();
  readonly #connections = new ConnectionPool();
  #lastError: UpstreamError | null = null;
  #failedAtMs = 0;
  #closing = false;
  /** Why a connection is to be opened although no query waits for one. */
  #errand: 'probe' | 'renew' | 'warm' | null = null;
  /** Connections were to be replaced while a dial was under way that knew nothing of the reason. */
  #renewAfterDial = false;

  /** @param warm a connection is kept open although there are no queries. */
  constructor(name: string, open: Opener, context: ServerContext, warm: boolean) {
    const { limits } = context;
    this.name = name;
    this.#context = context;
    this.#warm = warm;
    this.#dialler = new Dialler(open, limits, {
      onOpened: (dialled) => this.#onOpened(dialled),
      onFailed: (error) => this.#onDialFailed(error),
      onPauseOver: () => this.#connectIfNeeded(),
    });
    this.#habits = new ServerHabits(warm ? limits.warmIdleTimeoutMs : limits.idleTimeoutMs, () => {
      this.#connections.setBudget(this.#habits.budget);
      this.#serve();
    });
  }

  get healthy(): boolean {
    return this.#failedAtMs === 0 || this.#connections.proven;
  }

  get outUntilMs(): number {
    return this.#dialler.backoff.untilMs;
  }

  get failedAtMs(): number {
    return this.#failedAtMs;
  }

  get lastError(): UpstreamError | null {
    return this.#lastError;
  }

  get connections(): number {
    return this.#connections.size;
  }

  get idleWindowMs(): number {
    return this.#habits.idleMs;
  }

  take(pending: PendingQuery): void {
    const connection = this.#connections.usable;
    if (connection !== undefined) {
      connection.send(pending);
      return;
    }
    if (this.#waiting.size >= this.#context.limits.maxWaiting) {
      const error = overloadedError(this.name);
      this.#context.owner.failed(pending, error);
      return;
    }
    pending.holder = this;
    this.#waiting.add(pending);
    this.#connect();
  }

  abandon(): Whereabouts {
    this.#waiting.abandonOne();
    return { upstream: this.name, phase: this.#dialler.dialling ? 'dial' : 'queue' };
  }

  probe(): void {
    const connection = this.#connections.usable;
    if (connection !== undefined) connection.probe();
    else this.#run('probe');
  }

  forgive(): void {
    this.#dialler.forgive();
  }

  warmUp(): void {
    if (this.#warm && this.#connections.size === 0) this.#run('warm');
  }

  renew(): void {
    this.#renewAfterDial = this.#dialler.dialling;
    if (this.#connections.size > 0) this.#run('renew');
  }

  close(): Promise<void> {
    this.#closing = true;
    this.#habits.stop();
    const closed = this.#dialler.close();
    this.#connections.closeAll('shutdown');
    return closed;
  }

  // --- What its connections tell ---

  answered(connection: Connection, pending: PendingQuery, response: Buffer): void {
    const { limits, observer, owner } = this.#context;
    this.latency.took(pending.answeredMs - pending.sentMs);
    if (this.#failedAtMs !== 0) this.proved();
    const idleMs = announcedIdleMs(response);
    if (idleMs !== null) this.#obey(idleMs, connection);
    if (retryWithoutOpt(response, pending, limits)) {
      observer.queryRetried?.(this.name, 'opt-refused');
      pending.sentMs = pending.answeredMs;
      this.take(pending);
      return;
    }
    owner.answered(pending, response, this);
  }

  gaveUp(afterMs: number): void {
    this.latency.took(afterMs);
  }

  proved(): void {
    this.#dialler.backoff.succeeded();
    this.#lastError = null;
    this.#failedAtMs = 0;
  }

  stray(kind: Stray): void {
    this.#context.observer.strayMessage?.(this.name, kind);
  }

  eased(connection: Connection): void {
    if (connection.owed === 0 && connection.sent >= connection.budget) this.#habits.budgetUsedUp();
    if (this.#waiting.size > 0) this.#serve();
  }

  idle(connection: Connection): void {
    if (this.#warm && !connection.replaced) this.#run('renew');
    else connection.close('idle');
  }

  stalled(connection: Connection, unsent: PendingQuery[], unanswered: PendingQuery[]): void {
    if (unsent.length + unanswered.length === 0) return;
    const error = lostError(this.name, connection, 'stalled', this.#context.limits);
    this.#askAgain(error, true, unsent, unanswered);
  }

  ended(
    connection: Connection,
    reason: CloseReason,
    unsent: PendingQuery[],
    unanswered: PendingQuery[],
  ): void {
    this.#connections.remove(connection);
    const lost = unsent.length + unanswered.length;
    if (this.#habits.ended(connection, reason, unanswered.length)) this.#connections.lookSooner();
    this.#context.observer.connectionClosed?.({
      upstream: this.name,
      reason,
      ageMs: connection.ageMs,
      sent: connection.sent,
      answered: connection.answered,
      lost,
      cause: connection.cause,
    });
    if (this.#closing) return;
    if (lost > 0 || connection.probing) {
      // A server that takes queries and answers none is treated like one that cannot be reached.
      const fruitless = connection.answered === 0 || reason === 'stalled' || reason === 'protocol';
      // What ended this one may have ended the others: nothing is asked again over a connection from before.
      this.#connections.replaceAll();
      const error = lostError(this.name, connection, reason, this.#context.limits);
      this.#askAgain(error, fruitless, unsent, unanswered);
    }
    if (this.#waiting.size > 0) this.#serve();
    else this.warmUp();
  }

  // --- Connections ---

  /** Gives the queries that wait to connections, as far as these take them. */
  #serve(): void {
    const nowMs = performance.now();
    for (;;) {
      const connection = this.#connections.usable;
      if (connection === undefined) break;
      const pending = this.#waiting.next();
      if (pending === null) return;
      pending.sentMs = nowMs;
      connection.send(pending);
    }
    if (this.#waiting.size > 0) this.#connect();
  }

  #connect(): void {
    if (this.#connections.size >= this.#context.limits.maxConnections) this.#connections.makeRoom();
    else this.#dialler.dial();
  }

  #connectIfNeeded(): void {
    if (this.#errand === 'renew' && this.#connections.size === 0) this.#errand = this.#warm ? 'warm' : null;
    if (this.#errand !== null) this.#run(this.#errand);
    else if (this.#waiting.size > 0) this.#connect();
  }

  #run(errand: 'probe' | 'renew' | 'warm'): void {
    if (this.#errand !== 'renew') this.#errand = errand;
    // The new connection comes before the old ones go, so there may be one too many for a moment.
    if (this.#errand === 'renew') this.#dialler.dial();
    else this.#connect();
  }

  #onOpened(dialled: Dialled): void {
    const { limits, ids, observer } = this.#context;
    const errand = this.#errand;
    this.#errand = null;
    const connection = new Connection(dialled, limits, ids, this, this.#habits.budget);
    if (errand === 'renew') this.#connections.replaceAll();
    this.#connections.add(connection);
    const { setup, protocol, unauthenticated } = dialled;
    observer.connectionOpened?.({
      upstream: this.name,
      connectMs: setup.connectedMs - setup.startedMs,
      handshakeMs: setup.securedMs - setup.connectedMs,
      resumed: setup.tls === 'resumed',
      protocol,
      ...(unauthenticated === null ? {} : { unauthenticated }),
    });
    if (errand === 'probe') connection.probe();
    this.#serve();
    if (!this.#renewAfterDial) return;
    this.#renewAfterDial = false;
    this.#run('renew');
  }

  #onDialFailed(error: UpstreamError): void {
    const { observer, owner } = this.#context;
    this.#fail(error);
    observer.dialFailed?.(error);
    if (this.#errand === 'probe') this.#errand = null;
    this.#renewAfterDial = false;
    // Another connection may only be full: then the queries wait for it.
    if (this.#connections.lasting) this.#serve();
    else for (const pending of this.#waiting.takeAll()) owner.unserved(pending, error);
    this.#connectIfNeeded();
  }

  #obey(idleMs: number, connection: Connection): void {
    const sooner = this.#habits.announced(idleMs);
    if (idleMs === 0) connection.replace();
    if (sooner) this.#connections.lookSooner();
  }

  // --- Failures ---

  #fail(error: UpstreamError): void {
    this.#lastError = error;
    this.#failedAtMs = performance.now();
    this.#dialler.backoff.failed(this.#failedAtMs);
  }

  #askAgain(
    error: UpstreamError,
    fruitless: boolean,
    unsent: PendingQuery[],
    unanswered: PendingQuery[],
  ): void {
    const { limits, observer, owner } = this.#context;
    if (fruitless) this.#fail(error);
    const again: PendingQuery[] = unsent;
    for (const pending of unanswered) {
      if (isRepeatable(pending.query) && pending.sends < limits.maxSends && pending.wanted) {
        observer.queryRetried?.(this.name, 'connection-lost');
        again.push(pending);
      } else {
        owner.failed(pending, error);
      }
    }
    const nowMs = performance.now();
    for (const pending of again) {
      pending.sentMs = nowMs;
      if (fruitless) owner.unserved(pending, error);
      else this.take(pending);
    }
  }
}
