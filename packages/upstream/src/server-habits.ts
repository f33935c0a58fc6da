import type { Connection } from './connection.ts';
import { IdleWindow } from './idle-window.ts';
import type { CloseReason } from './observer.ts';
import { QueryBudget } from './query-budget.ts';

/** What was learned about when one server closes connections: after how long of idleness, after how many queries. */
export class ServerHabits {
  readonly #idleWindow: IdleWindow;
  readonly #budget: QueryBudget;

  /** @param onBudgetLifted a connection outlived the count of queries after which the server was thought to close. */
  constructor(idleTimeoutMs: number, onBudgetLifted: () => void) {
    this.#idleWindow = new IdleWindow(idleTimeoutMs);
    this.#budget = new QueryBudget(onBudgetLifted);
  }

  /** After how long of idleness a connection is to be closed by us, in milliseconds. */
  get idleMs(): number {
    return this.#idleWindow.ms;
  }

  /** How many queries may be sent over one connection. */
  get budget(): number {
    return this.#budget.queries;
  }

  /** What the server says of its idle timeout. @returns whether connections must be looked at sooner. RFC 7828 §3.2.2 */
  announced(idleMs: number): boolean {
    const beforeMs = this.#idleWindow.ms;
    this.#idleWindow.announced(idleMs);
    return this.#idleWindow.ms < beforeMs;
  }

  /** A connection has used up its budget and owes nothing. */
  budgetUsedUp(): void {
    this.#budget.doubt();
  }

  /** A connection ended while it owed `lost` answers. @returns whether connections must be looked at sooner. */
  ended(connection: Connection, reason: CloseReason, lost: number): boolean {
    if (reason === 'idle') this.#idleWindow.closedByUs();
    if (reason !== 'server' && reason !== 'error') return false;
    if (connection.sent >= connection.budget) this.#budget.confirmed();
    this.#budget.closedEarly(connection.answered, lost);
    const { idleMs } = connection;
    const beforeMs = this.#idleWindow.ms;
    // One that was sent queries and answered none was not closed for its idleness.
    const idled = connection.answered > 0 || (connection.sent === 0 && reason === 'server');
    if (idleMs !== null && idled) this.#idleWindow.closedByServer(idleMs);
    return this.#idleWindow.ms < beforeMs;
  }

  stop(): void {
    this.#budget.stop();
  }
}
