/** A server that closes after a count of queries does so at once; one that has not closed after this long counted nothing. */
const DOUBT_MS = 100;

/**
 * How many queries a server answers on one connection before it closes. Normally there is no such number. Where there is a
 * small one, queries beyond it would be lost with each connection until they may not be sent again; so no more than it are
 * sent over one connection. Learned from a connection that ended while it owed much, and forgotten as soon as a connection
 * outlives it.
 */
export class QueryBudget {
  readonly #onLifted: () => void;
  #queries = Number.POSITIVE_INFINITY;
  #doubt: NodeJS.Timeout | null = null;

  constructor(onLifted: () => void) {
    this.#onLifted = onLifted;
  }

  get queries(): number {
    return this.#queries;
  }

  /** The server ended a connection that had brought some answers and owed others. */
  closedEarly(answered: number, lost: number): void {
    // Where few were lost, asking once more is enough.
    if (answered > 0 && answered < 2 * lost) this.#queries = answered;
  }

  /** A connection that has used up its budget owes nothing. If the server does not close it now, the budget is wrong. */
  doubt(): void {
    this.#doubt ??= setTimeout(() => {
      this.#doubt = null;
      this.#queries = Number.POSITIVE_INFINITY;
      this.#onLifted();
    }, DOUBT_MS);
  }

  /** The server closed a connection that had used up its budget: it is right. */
  confirmed(): void {
    this.stop();
  }

  stop(): void {
    if (this.#doubt !== null) clearTimeout(this.#doubt);
    this.#doubt = null;
  }
}
