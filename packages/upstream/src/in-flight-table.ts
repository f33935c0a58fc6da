import type { PendingQuery } from './pending-query.ts';

const MESSAGE_IDS = 65_536;

/**
 * The queries in flight on one connection, by message ID. An array and not a Map: entries that come and go at this rate
 * made a Map grow new tables all the time, which survived with the queries in them and cost 100 MiB.
 */
export class InFlightTable {
  readonly #slots: (PendingQuery | null)[] = new Array(MESSAGE_IDS).fill(null);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(messageId: number): boolean {
    return this.get(messageId) !== null;
  }

  get(messageId: number): PendingQuery | null {
    return this.#slots[messageId] ?? null;
  }

  set(messageId: number, pending: PendingQuery): void {
    if (!this.has(messageId)) this.#size += 1;
    this.#slots[messageId] = pending;
  }

  delete(messageId: number): void {
    if (this.has(messageId)) this.#size -= 1;
    this.#slots[messageId] = null;
  }

  values(): PendingQuery[] {
    return this.#slots.filter((pending) => pending !== null);
  }

  clear(): void {
    this.#slots.fill(null);
    this.#size = 0;
  }
}
