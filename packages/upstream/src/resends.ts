import type { PendingQuery } from './pending-query.ts';

interface Entry {
  readonly pending: PendingQuery;
  readonly dueMs: number;
}

/** Queries that wait for an answer for a fixed time before something is done about it; one timer for all. */
export class Resends {
  readonly #afterMs: number;
  readonly #onDue: (pending: PendingQuery) => void;
  #entries: Entry[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(afterMs: number, onDue: (pending: PendingQuery) => void) {
    this.#afterMs = afterMs;
    this.#onDue = onDue;
  }

  add(pending: PendingQuery, nowMs: number): void {
    this.#entries.push({ pending, dueMs: nowMs + this.#afterMs });
    this.#timer ??= setTimeout(this.#look, this.#afterMs);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#entries = [];
  }

  readonly #look = (): void => {
    this.#timer = null;
    const nowMs = performance.now();
    const entries = this.#entries;
    const waiting = entries.findIndex(({ pending, dueMs }) => !pending.settled && dueMs > nowMs);
    const due = waiting === -1 ? entries : entries.slice(0, waiting);
    this.#entries = waiting === -1 ? [] : entries.slice(waiting);
    for (const { pending } of due) if (!pending.settled) this.#onDue(pending);
    const [next] = this.#entries;
    if (next !== undefined) this.#timer ??= setTimeout(this.#look, Math.max(1, next.dueMs - nowMs));
  };
}
