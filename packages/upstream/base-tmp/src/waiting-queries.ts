import type { PendingQuery } from './pending-query.ts';

/** Queries that wait for a connection, first come first served. Those given up are skipped, and soon not held any more. */
export class WaitingQueries {
  #queries: PendingQuery[] = [];
  #first = 0;
  /** How many from `#first` on are still wanted. */
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(pending: PendingQuery): void {
    this.#queries.push(pending);
    this.#size++;
  }

  /** One of them has been settled. */
  abandonOne(): void {
    this.#size--;
    if (this.#queries.length - this.#first > 2 * this.#size) this.#compact();
  }

  /** Takes out the one that waits longest. */
  next(): PendingQuery | null {
    while (this.#first < this.#queries.length) {
      const pending = this.#queries[this.#first++];
      if (pending === undefined || pending.settled) continue;
      this.#size--;
      if (this.#first > this.#queries.length / 2) this.#compact();
      pending.holder = null;
      return pending;
    }
    this.#compact();
    return null;
  }

  /** Takes out all. */
  takeAll(): PendingQuery[] {
    const all = this.#queries.slice(this.#first).filter((pending) => !pending.settled);
    for (const pending of all) pending.holder = null;
    this.#queries = [];
    this.#first = 0;
    this.#size = 0;
    return all;
  }

  #compact(): void {
    this.#queries = this.#queries.slice(this.#first).filter((pending) => !pending.settled);
    this.#first = 0;
  }
}
