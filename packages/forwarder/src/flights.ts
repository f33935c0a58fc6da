/** Queries that are being asked upstream, so that equal ones wait for the same answer (RFC 5452 §5, RFC 9520 §1.2). */
import type { QueryKey } from '@tridot/cache';
import type { Reply } from '@tridot/listener';
import type { Layout } from '@tridot/wire';
import type { Exchange } from './exchange.ts';

/** A client's query that waits for the flight of another. */
export interface Waiter extends Exchange {
  readonly resolve: (reply: Reply) => void;
  isSettled: boolean;
}

/** One query on its way. It goes on whatever becomes of those who wait. */
export interface Flight {
  readonly hash: number;
  readonly flags: number;
  readonly query: Buffer;
  readonly layout: Layout;
  /** `null` until somebody waits: most flights carry nobody but the one who asked. */
  waiters: Waiter[] | null;
  hasLanded: boolean;
  /** The next one of the same bucket. */
  next: Flight | null;
}

const BUCKETS = 4_096;

/**
 * The flights by the hash of their key, in buckets and not in a Map: entries that come and go at this rate made a Map grow
 * new tables all the time, which survived with the queries in them.
 */
export class Flights {
  readonly #buckets: (Flight | null)[] = new Array(BUCKETS).fill(null);
  readonly #isOpen: boolean;

  /** @param isOpen whether flights can be joined at all. */
  constructor(isOpen: boolean) {
    this.#isOpen = isOpen;
  }

  /** The flight of an equal query, if there is one. */
  find(key: QueryKey): Flight | null {
    let flight = this.#buckets[bucketOf(key.hash)] ?? null;
    for (; flight !== null; flight = flight.next) {
      const isAlike = flight.hash === key.hash && flight.flags === key.flags;
      if (isAlike && key.matches(flight.query, 0)) return flight;
    }
    return null;
  }

  /** Begins a flight for a query that has none. */
  begin(key: QueryKey, query: Buffer, layout: Layout): Flight {
    const { hash, flags } = key;
    const bucket = bucketOf(hash);
    const next = this.#isOpen ? (this.#buckets[bucket] ?? null) : null;
    const flight: Flight = { hash, flags, query, layout, waiters: null, hasLanded: false, next };
    if (this.#isOpen) this.#buckets[bucket] = flight;
    return flight;
  }

  /** Ends a flight. @returns who waited for it. */
  land(flight: Flight): readonly Waiter[] {
    flight.hasLanded = true;
    if (this.#isOpen) this.#remove(flight);
    return flight.waiters ?? NOBODY;
  }

  #remove(flight: Flight): void {
    const bucket = bucketOf(flight.hash);
    let before: Flight | null = null;
    let at = this.#buckets[bucket] ?? null;
    for (; at !== null && at !== flight; at = at.next) before = at;
    if (at === null) return;
    if (before === null) this.#buckets[bucket] = flight.next;
    else before.next = flight.next;
    flight.next = null;
  }
}

function bucketOf(hash: number): number {
  return hash & (BUCKETS - 1);
}

const NOBODY: readonly Waiter[] = [];
