import type { UpstreamLimits } from './limits.ts';
import { isRepeatable, type PendingQuery } from './pending-query.ts';
import type { Server } from './server.ts';

/** Hedges that may be saved up: after a quiet time, so many can come at once. */
const MAX_SAVED = 10;

/** Asks a second server; returns whether there was one. */
export type Hedge = (pending: PendingQuery, slow: Server, nowMs: number) => boolean;

/**
 * Sees which queries of one group take longer than 19 of 20 do at their server, and has them asked of a second one, as long
 * as the share of queries that this adds stays within its limit. One timer for each server, armed while queries are out.
 */
export class Hedging {
  readonly #limits: UpstreamLimits;
  readonly #hedge: Hedge;
  readonly #lines = new Map<Server, Line>();
  #saved = 0;

  constructor(limits: UpstreamLimits, hedge: Hedge) {
    this.#limits = limits;
    this.#hedge = hedge;
  }

  /** A query was given to a server, at `pending.sentMs`. */
  placed(pending: PendingQuery, server: Server): void {
    this.#saved = Math.min(MAX_SAVED, this.#saved + this.#limits.hedgePercent / 100);
    const { p95Ms } = server.latency;
    if (p95Ms === null || !isRepeatable(pending.query)) return;
    let line = this.#lines.get(server);
    if (line === undefined) {
      line = new Line((slow, nowMs) => this.#slow(slow, server, nowMs));
      this.#lines.set(server, line);
    }
    line.add(pending, Math.max(this.#limits.hedgeFloorMs, p95Ms));
  }

  stop(): void {
    for (const line of this.#lines.values()) line.stop();
  }

  #slow(pending: PendingQuery, server: Server, nowMs: number): void {
    if (this.#saved < 1 || pending.contest !== null || pending.detour !== null) return;
    if (this.#hedge(pending, server, nowMs)) this.#saved--;
  }
}

/** Queries of one server, first in first out: the wait is about the same for all. */
class Line {
  readonly #onSlow: (pending: PendingQuery, nowMs: number) => void;
  #queries: PendingQuery[] = [];
  #first = 0;
  #waitMs = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(onSlow: (pending: PendingQuery, nowMs: number) => void) {
    this.#onSlow = onSlow;
  }

  add(pending: PendingQuery, waitMs: number): void {
    this.#queries.push(pending);
    this.#waitMs = waitMs;
    this.#timer ??= setTimeout(this.#look, waitMs);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#queries = [];
    this.#first = 0;
  }

  readonly #look = (): void => {
    this.#timer = null;
    const nowMs = performance.now();
    for (; this.#first < this.#queries.length; this.#first++) {
      const pending = this.#queries[this.#first];
      if (pending === undefined || pending.settled) continue;
      const leftMs = pending.sentMs + this.#waitMs - nowMs;
      if (leftMs > 0) {
        this.#timer = setTimeout(this.#look, leftMs);
        break;
      }
      this.#onSlow(pending, nowMs);
    }
    this.#queries = this.#queries.slice(this.#first);
    this.#first = 0;
  };
}
