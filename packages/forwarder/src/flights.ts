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
}

export class Flights {
  readonly #byHash = new Map<number, Flight>();
  readonly #isOpen: boolean;

  /** @param isOpen whether flights can be joined at all. */
  constructor(isOpen: boolean) {
    this.#isOpen = isOpen;
  }

  /** The flight of an equal query, if there is one. */
  find(key: QueryKey): Flight | null {
    const flight = this.#byHash.get(key.hash);
    if (flight === undefined || flight.flags !== key.flags) return null;
    return key.matches(flight.query, flight.layout.qnameEnd) ? flight : null;
  }

  /** Begins a flight for a query that has none. */
  begin(key: QueryKey, query: Buffer, layout: Layout): Flight {
    const { hash, flags } = key;
    const flight: Flight = { hash, flags, query, layout, waiters: null, hasLanded: false };
    // Two different queries of one hash, once in four thousand million: the second just cannot be joined.
    if (this.#isOpen && !this.#byHash.has(hash)) this.#byHash.set(hash, flight);
    return flight;
  }

  /** Ends a flight. @returns who waited for it. */
  land(flight: Flight): readonly Waiter[] {
    flight.hasLanded = true;
    if (this.#byHash.get(flight.hash) === flight) this.#byHash.delete(flight.hash);
    return flight.waiters ?? NOBODY;
  }
}

const NOBODY: readonly Waiter[] = [];
