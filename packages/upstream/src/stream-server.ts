import { Connection } from './connection.ts';
import { lostError, overloadedError } from './connection-errors.ts';
import { ConnectionKeeper } from './connection-keeper.ts';
import type { ConnectionOwner } from './connection-owner.ts';
import type { Dialled, Opener } from './dialler.ts';
import { retryWithoutOpt } from './edns-fallback.ts';
import type { UpstreamError } from './errors.ts';
import { Health } from './health.ts';
import { announcedIdleMs } from './keepalive.ts';
import { Latency } from './latency.ts';
import type { CloseReason, Stray } from './observer.ts';
import { isRepeatable, type PendingQuery, type Whereabouts } from './pending-query.ts';
import type { Server } from './server.ts';
import type { ServerContext } from './server-context.ts';
import { ServerHabits } from './server-habits.ts';

/** A server reached over TLS, or over TCP: what its connections bring and lose, and what that says of it. */
export class StreamServer implements Server, ConnectionOwner {
  readonly name: string;
  readonly latency = new Latency();
  readonly #context: ServerContext;
  readonly #keeper: ConnectionKeeper;
  readonly #health: Health;
  readonly #habits: ServerHabits;
  #closing = false;

  /** @param warm a connection is kept open although there are no queries. */
  constructor(name: string, open: Opener, context: ServerContext, warm: boolean) {
    const { limits, owner } = context;
    this.name = name;
    this.#context = context;
    this.#keeper = new ConnectionKeeper(open, limits, warm, {
      onOpened: (dialled) => this.#onOpened(dialled),
      onDialFailed: (error) => this.#onDialFailed(error),
      onUnserved: (pending, error) => owner.unserved(pending, error),
    });
    this.#health = new Health(this.#keeper.dialler.backoff);
    this.#habits = new ServerHabits(warm ? limits.warmIdleTimeoutMs : limits.idleTimeoutMs, () => {
      this.#keeper.connections.setBudget(this.#habits.budget);
      this.#keeper.serve();
    });
  }

  get healthy(): boolean {
    return !this.#health.isOut || this.#keeper.connections.proven;
  }

  get outUntilMs(): number {
    return this.#health.outUntilMs;
  }

  get failedAtMs(): number {
    return this.#health.failedAtMs;
  }

  get lastError(): UpstreamError | null {
    return this.#health.lastError;
  }

  get connections(): number {
    return this.#keeper.connections.size;
  }

  get inFlight(): number {
    return this.#keeper.waiting + this.#keeper.connections.owed;
  }

  get idleWindowMs(): number {
    return this.#habits.idleMs;
  }

  take(pending: PendingQuery): void {
    const connection = this.#keeper.connections.usable;
    if (connection !== undefined) {
      connection.send(pending);
      return;
    }
    if (this.#keeper.waiting < this.#context.limits.maxWaiting) this.#keeper.wait(pending, this);
    else this.#context.owner.failed(pending, overloadedError(this.name));
  }

  abandon(): Whereabouts {
    this.#keeper.abandonOne();
    return { upstream: this.name, phase: this.#keeper.dialler.dialling ? 'dial' : 'queue' };
  }

  probe(): void {
    this.#keeper.probe();
  }

  forgive(): void {
    this.#keeper.dialler.forgive();
  }

  warmUp(): void {
    this.#keeper.warmUp();
  }

  renew(): void {
    this.#keeper.renew();
  }

  close(): Promise<void> {
    this.#closing = true;
    this.#habits.stop();
    const closed = this.#keeper.dialler.close();
    this.#keeper.connections.closeAll('shutdown');
    return closed;
  }

  // --- What its connections tell ---

  answered(connection: Connection, pending: PendingQuery, response: Buffer): void {
    const { limits, observer, owner } = this.#context;
    this.latency.took(pending.answeredMs - pending.sentMs);
    if (this.#health.isOut) this.proved();
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
    this.#health.answered();
  }

  stray(kind: Stray): void {
    this.#context.observer.strayMessage?.(this.name, kind);
  }

  eased(connection: Connection): void {
    if (connection.owed === 0 && connection.sent >= connection.budget) this.#habits.budgetUsedUp();
    this.#keeper.serve();
  }

  idle(connection: Connection): void {
    this.#keeper.idle(connection);
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
    this.#keeper.connections.remove(connection);
    const lost = unsent.length + unanswered.length;
    if (this.#habits.ended(connection, reason, unanswered.length)) this.#keeper.connections.lookSooner();
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
      this.#keeper.connections.replaceAll();
      const error = lostError(this.name, connection, reason, this.#context.limits);
      this.#askAgain(error, fruitless, unsent, unanswered);
    }
    if (this.#keeper.waiting > 0) this.#keeper.serve();
    else this.#keeper.warmUp();
  }

  // --- Connections ---

  #onOpened(dialled: Dialled): Connection {
    const { limits, ids, observer } = this.#context;
    const connection = new Connection(dialled, limits, ids, this, this.#habits.budget);
    const { setup, protocol, unauthenticated } = dialled;
    observer.connectionOpened?.({
      upstream: this.name,
      connectMs: setup.connectedMs - setup.startedMs,
      handshakeMs: setup.securedMs - setup.connectedMs,
      resumed: setup.tls === 'resumed',
      protocol,
      ...(unauthenticated === null ? {} : { unauthenticated }),
    });
    return connection;
  }

  #onDialFailed(error: UpstreamError): void {
    this.#health.failed(error);
    this.#context.observer.dialFailed?.(error);
  }

  #obey(idleMs: number, connection: Connection): void {
    const sooner = this.#habits.announced(idleMs);
    if (idleMs === 0) connection.replace();
    if (sooner) this.#keeper.connections.lookSooner();
  }

  // --- Failures ---

  #askAgain(
    error: UpstreamError,
    fruitless: boolean,
    unsent: PendingQuery[],
    unanswered: PendingQuery[],
  ): void {
    const { limits, observer, owner } = this.#context;
    if (fruitless) this.#health.failed(error);
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
