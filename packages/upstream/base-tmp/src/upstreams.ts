import type { OutgoingQuery } from '@tridot/wire';
import { DeadlineQueue } from './deadlines.ts';
import { UpstreamError } from './errors.ts';
import { createMessageIds } from './message-ids.ts';
import type { UpstreamObserver } from './observer.ts';
import { checkOptions, type UpstreamsOptions } from './options.ts';
import { PendingQuery, type UpstreamAnswer } from './pending-query.ts';
import { firstUsable, soonest } from './selection.ts';
import { type QueryOwner, Server } from './server.ts';
import { targetsOf } from './targets.ts';
import { Tickets } from './tickets.ts';

/** Several upstreams, in order of preference. */
export interface Upstreams {
  /** The names of the upstreams, for logs, in order of preference. */
  readonly names: readonly string[];

  /**
   * Asks the first upstream that can be reached, and others where that fails, within `queryTimeoutMs` in all.
   *
   * @throws {UpstreamError} when none answered; its `ede` says why to the client (RFC 8914).
   */
  ask(query: OutgoingQuery): Promise<UpstreamAnswer>;

  /**
   * Takes no more queries, waits for those in flight, then closes every connection in order. Settles in every state, also
   * when called again; never rejects. A later call may shorten the wait.
   *
   * @param options.graceMs how long to wait for queries in flight, in milliseconds. Default 0: not at all.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/**
 * Makes the upstream side. Nothing is dialled before the first query.
 *
 * @throws {UpstreamOptionError} ERR_UPSTREAM_OPTION: an option cannot be used.
 */
export function createUpstreams(options: UpstreamsOptions, observer: UpstreamObserver = {}): Upstreams {
  return new Group(options, observer);
}

class Group implements Upstreams, QueryOwner {
  readonly #limits;
  readonly #servers: readonly Server[];
  readonly #pending = new DeadlineQueue<PendingQuery>((pending) => this.#expire(pending));
  readonly #closed = Promise.withResolvers<void>();
  #closing = false;
  #finished = false;
  #grace: NodeJS.Timeout | null = null;

  constructor(options: UpstreamsOptions, observer: UpstreamObserver) {
    const limits = checkOptions(options);
    const context = { limits, ids: createMessageIds(), tickets: new Tickets(), observer, owner: this };
    this.#limits = limits;
    this.#servers = targetsOf(options).map(({ target, ticketKey }) => new Server(target, ticketKey, context));
  }

  get names(): readonly string[] {
    return this.#servers.map(({ name }) => name);
  }

  ask(query: OutgoingQuery): Promise<UpstreamAnswer> {
    return new Promise((resolve, reject) => {
      const nowMs = performance.now();
      const pending = new PendingQuery(query, nowMs + this.#limits.queryTimeoutMs, resolve, reject);
      if (this.#closing) {
        reject(closedError());
        return;
      }
      this.#pending.add(pending);
      this.#place(pending, nowMs);
    });
  }

  close({ graceMs = 0 }: { readonly graceMs?: number } = {}): Promise<void> {
    this.#closing = true;
    if (this.#grace !== null) clearTimeout(this.#grace);
    if (graceMs <= 0 || this.#pending.size === 0) this.#finish();
    else this.#grace = setTimeout(() => this.#finish(), graceMs);
    return this.#closed.promise;
  }

  // --- What the servers tell ---

  answered(pending: PendingQuery, message: Buffer, server: Server): void {
    this.#settle(pending);
    pending.resolve({ message, upstream: server.name });
  }

  unserved(pending: PendingQuery, error: UpstreamError): void {
    const nowMs = performance.now();
    if (pending.failure === null) pending.failedAtMs = nowMs;
    pending.failure = error;
    this.#place(pending, nowMs);
  }

  failed(pending: PendingQuery, error: UpstreamError): void {
    this.#settle(pending);
    pending.reject(error);
  }

  // --- Queries ---

  #place(pending: PendingQuery, nowMs: number): void {
    const server = firstUsable(this.#servers, nowMs) ?? this.#worthWaitingFor(pending, nowMs);
    if (server !== null) server.take(pending);
    else this.failed(pending, pending.failure ?? this.#whyNone());
  }

  /** With every server out, a query waits for one only if that will be tried soon and may well be back by then. */
  #worthWaitingFor(pending: PendingQuery, nowMs: number): Server | null {
    const server = soonest(this.#servers);
    const error = server?.lastError?.code;
    if (server === null || error === 'ERR_UPSTREAM_TLS' || error === 'ERR_UPSTREAM_IDENTITY') return null;
    const sinceMs = pending.failure === null ? nowMs : pending.failedAtMs;
    const untilMs = Math.min(sinceMs + this.#limits.patienceMs, pending.deadlineMs);
    return server.outUntilMs <= untilMs ? server : null;
  }

  #whyNone(): UpstreamError {
    return (
      soonest(this.#servers)?.lastError ??
      new UpstreamError('ERR_UPSTREAM_UNREACHABLE', 'no server may be tried', {
        upstream: '*',
        phase: 'queue',
      })
    );
  }

  /** The deadline queue has let go of it already. */
  #expire(pending: PendingQuery): void {
    pending.settled = true;
    const where = pending.holder?.abandon(pending) ?? { upstream: '*', phase: 'queue' };
    const what = `no answer within ${this.#limits.queryTimeoutMs} ms`;
    const cause = pending.failure ?? undefined;
    pending.reject(new UpstreamError('ERR_UPSTREAM_TIMEOUT', what, { ...where, cause }));
    this.#finishIfDrained();
  }

  #settle(pending: PendingQuery): void {
    pending.settled = true;
    this.#pending.remove(pending);
    this.#finishIfDrained();
  }

  // --- The end ---

  #finishIfDrained(): void {
    if (this.#closing && this.#pending.size === 0) this.#finish();
  }

  #finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    if (this.#grace !== null) clearTimeout(this.#grace);
    for (let pending = this.#pending.first; pending !== null; pending = this.#pending.first) {
      const { holder } = pending;
      this.failed(pending, closedError());
      holder?.abandon(pending);
    }
    this.#pending.stop();
    void Promise.all(this.#servers.map((server) => server.close())).then(() => this.#closed.resolve());
  }
}

function closedError(): UpstreamError {
  return new UpstreamError('ERR_UPSTREAM_CLOSED', 'closing', { upstream: '*', phase: 'queue' });
}
