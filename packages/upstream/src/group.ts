import { OPTION, type OutgoingQuery, RCODE, rcodeOf, withoutOption } from '@tridot/wire';
import { Contest } from './contest.ts';
import { DeadlineQueue } from './deadlines.ts';
import { Drain } from './drain.ts';
import { UpstreamError } from './errors.ts';
import { Hedging } from './hedging.ts';
import type { UpstreamLimits } from './limits.ts';
import { createMessageIds } from './message-ids.ts';
import type { UpstreamObserver } from './observer.ts';
import type { GroupOptions } from './options.ts';
import { firstRetryable, soonest, worthWaitingFor } from './outage.ts';
import { Answer, isRepeatable, PendingQuery, type UpstreamAnswer } from './pending-query.ts';
import { startRace } from './race.ts';
import { createSelection } from './selection/index.ts';
import type { Selection, SelectionName } from './selection/selection.ts';
import type { QueryOwner, Server } from './server.ts';
import { createServers, type Servers } from './servers.ts';
import { timingsOf } from './timings.ts';

const NONE: readonly Server[] = [];

type Resolve = (answer: UpstreamAnswer) => void;
type Reject = (error: UpstreamError) => void;

/** Servers of which any may answer a query: brings each query to one of them, and to another when that fails. */
export class Group implements QueryOwner {
  readonly name: string;
  readonly selectionName: SelectionName;
  readonly #limits: UpstreamLimits;
  readonly #observer: UpstreamObserver;
  readonly #servers: Servers;
  readonly #selection: Selection<Server>;
  readonly #hedging: Hedging | null;
  readonly #servfailIsFailure: boolean;
  readonly #stripsEcs: boolean;
  readonly #pending = new DeadlineQueue<PendingQuery>((pending) => this.#expire(pending));
  /** Clients' queries without an outcome. The queue has more: the losers of contests. */
  readonly #drain = new Drain(() => this.#finish());

  constructor(
    name: string,
    options: GroupOptions,
    ca: string | undefined,
    limits: UpstreamLimits,
    observer: UpstreamObserver,
  ) {
    const { selection = 'failover', servfail = 'answer', ecs = 'forward' } = options;
    this.name = name;
    this.selectionName = selection;
    this.#limits = limits;
    this.#observer = observer;
    this.#servfailIsFailure = servfail === 'failure';
    this.#stripsEcs = ecs === 'strip';
    this.#servers = createServers(options, ca, { limits, ids: createMessageIds(), observer, owner: this });
    this.#selection = createSelection(selection, this.#servers.all, limits);
    const hedges = limits.hedgePercent > 0 && this.#servers.all.length > 1;
    this.#hedging = hedges
      ? new Hedging(limits, (pending, slow, nowMs) => this.#hedge(pending, slow, nowMs))
      : null;
    if (options.warm === true) for (const server of this.#servers.all) server.warmUp();
  }

  get servers(): readonly Server[] {
    return this.#servers.all;
  }

  ask(query: OutgoingQuery): Promise<UpstreamAnswer> {
    return new Promise((resolve, reject) => {
      const asked = this.#stripsEcs ? withoutOption(query, OPTION.ECS) : query;
      if (this.selectionName === 'race' && isRepeatable(query)) this.#race(asked, resolve, reject);
      else this.#start(asked, null, resolve, reject);
    });
  }

  /** Asks this server and no other. */
  askServer(server: Server, query: OutgoingQuery): Promise<UpstreamAnswer> {
    return new Promise((resolve, reject) => {
      const asked = this.#stripsEcs ? withoutOption(query, OPTION.ECS) : query;
      this.#start(asked, server, resolve, reject);
    });
  }

  close(graceMs: number): Promise<void> {
    return this.#drain.close(graceMs);
  }

  // --- What the servers tell ---

  answered(pending: PendingQuery, response: Buffer, server: Server): void {
    const answer = new Answer(response, server.name, pending);
    if (this.#servfailIsFailure && rcodeOf(response) === RCODE.SERVFAIL) {
      if (this.#askElsewhere(pending, answer, server)) return;
    }
    this.#settle(pending);
    pending.resolve(answer);
  }

  unserved(pending: PendingQuery, error: UpstreamError): void {
    const nowMs = performance.now();
    if (pending.failure === null) pending.failedAtMs = nowMs;
    pending.failure = error;
    const leg = pending.contest !== null && pending.only !== null;
    if (leg || !pending.wanted) this.failed(pending, error);
    else this.#place(pending, nowMs);
  }

  failed(pending: PendingQuery, error: UpstreamError): void {
    this.#settle(pending);
    this.#reject(pending, error);
  }

  // --- Queries ---

  #start(query: OutgoingQuery, only: Server | null, resolve: Resolve, reject: Reject): void {
    const nowMs = performance.now();
    const pending = new PendingQuery(query, nowMs, this.#limits.queryTimeoutMs, resolve, reject);
    pending.only = only;
    if (this.#drain.closing) {
      reject(closedError());
      return;
    }
    this.#drain.owe();
    this.#pending.add(pending);
    this.#place(pending, nowMs);
  }

  #place(pending: PendingQuery, nowMs: number): void {
    const server = pending.only === null ? this.#choose(pending, nowMs) : this.#ifUsable(pending, nowMs);
    if (server === null) {
      this.failed(pending, pending.failure ?? this.#whyNone());
      return;
    }
    pending.sentMs = nowMs;
    if (this.#hedging !== null && pending.only === null) this.#hedging.placed(pending, server);
    server.take(pending);
  }

  #choose(pending: PendingQuery, nowMs: number): Server | null {
    const healthy = this.#selection.choose(nowMs, pending.detour?.tried ?? NONE);
    if (healthy !== null || pending.detour !== null) return healthy;
    const { all } = this.#servers;
    return firstRetryable(all, nowMs, this.#limits) ?? worthWaitingFor(all, pending, nowMs, this.#limits);
  }

  #ifUsable(pending: PendingQuery, nowMs: number): Server | null {
    const { only } = pending;
    if (only === null || only.healthy) return only;
    return (
      firstRetryable([only], nowMs, this.#limits) ?? worthWaitingFor([only], pending, nowMs, this.#limits)
    );
  }

  /** For a response that is no better than none. */
  #askElsewhere(pending: PendingQuery, answer: Answer, server: Server): boolean {
    if (pending.only !== null || !pending.wanted || !isRepeatable(pending.query)) return false;
    if (pending.sends >= this.#limits.maxSends) return false;
    const tried = [...(pending.detour?.tried ?? NONE), server];
    const next = this.#selection.choose(pending.answeredMs, tried);
    if (next === null) return false;
    pending.detour = { tried, answer };
    this.#observer.queryRetried?.(server.name, 'servfail');
    pending.sentMs = pending.answeredMs;
    next.take(pending);
    return true;
  }

  #whyNone(): UpstreamError {
    const circumstances = { upstream: '*', phase: 'queue' } as const;
    return (
      soonest(this.#servers.all).lastError ??
      new UpstreamError('ERR_UPSTREAM_UNREACHABLE', 'no server may be tried', circumstances)
    );
  }

  // --- Several servers at once ---

  #race(query: OutgoingQuery, resolve: Resolve, reject: Reject): void {
    const nowMs = performance.now();
    const client = new PendingQuery(query, nowMs, this.#limits.queryTimeoutMs, resolve, reject);
    if (this.#drain.closing) {
      reject(closedError());
      return;
    }
    this.#drain.owe();
    const track = {
      raceWidth: this.#limits.raceWidth,
      maxSends: this.#limits.maxSends,
      another: (tried: readonly Server[]) => this.#selection.choose(performance.now(), tried),
      launch: (contest: Contest, only: Server | null, sends: number) =>
        this.#launch(contest, client, only, sends),
      isOver: () => performance.now() >= client.deadlineMs,
    };
    startRace(track, this.#outcomeOf(client.resolve, client.reject));
  }

  #hedge(pending: PendingQuery, slow: Server, nowMs: number): boolean {
    const second = this.#selection.choose(nowMs, [slow]);
    if (second === null) return false;
    const contest = new Contest({ ...this.#outcomeOf(pending.resolve, pending.reject), legLost() {} });
    contest.enter(pending);
    this.#observer.queryHedged?.(second.name);
    // To be sent once: the first leg may come to the same server when its own fails.
    this.#launch(contest, pending, second, this.#limits.maxSends - 1);
    return true;
  }

  #outcomeOf(resolve: Resolve, reject: Reject): { resolve: Resolve; reject: Reject } {
    const drain = this.#drain;
    return {
      resolve(answer) {
        drain.paid();
        resolve(answer);
      },
      reject(error) {
        drain.paid();
        reject(error);
      },
    };
  }

  #launch(contest: Contest, client: PendingQuery, only: Server | null, sends: number): void {
    const { query, startedMs, timeoutMs, resolve, reject } = client;
    const leg = new PendingQuery(query, startedMs, timeoutMs, resolve, reject);
    leg.only = only;
    leg.sends = sends;
    contest.enter(leg);
    this.#pending.add(leg);
    leg.sentMs = performance.now();
    if (only === null) this.#place(leg, leg.sentMs);
    else only.take(leg);
  }

  // --- Outcomes ---

  /** The deadline queue has let go of it already. */
  #expire(pending: PendingQuery): void {
    pending.settled = true;
    const nowMs = performance.now();
    const where = pending.holder?.abandon(pending, nowMs) ?? { upstream: '*', phase: 'queue' };
    const what = `no answer within ${this.#limits.queryTimeoutMs} ms`;
    const cause = pending.failure ?? undefined;
    this.#reject(pending, new UpstreamError('ERR_UPSTREAM_TIMEOUT', what, { ...where, cause }));
    if (pending.contest === null) this.#drain.paid();
  }

  #settle(pending: PendingQuery): void {
    pending.settled = true;
    this.#pending.remove(pending);
    if (pending.contest === null) this.#drain.paid();
  }

  #reject(pending: PendingQuery, error: UpstreamError): void {
    if (pending.detour !== null) pending.resolve(pending.detour.answer);
    else pending.reject(error.withTimings(timingsOf(pending, performance.now())));
  }

  // --- The end ---

  #finish(): Promise<void> {
    this.#hedging?.stop();
    for (let pending = this.#pending.first; pending !== null; pending = this.#pending.first) {
      const { holder } = pending;
      this.failed(pending, closedError());
      holder?.abandon(pending, performance.now());
    }
    this.#pending.stop();
    return this.#servers.close();
  }
}

function closedError(): UpstreamError {
  return new UpstreamError('ERR_UPSTREAM_CLOSED', 'closing', { upstream: '*', phase: 'queue' });
}
