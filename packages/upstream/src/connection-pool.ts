import type { Connection } from './connection.ts';
import type { CloseReason } from './observer.ts';

/** The open connections to one server. The oldest that takes queries gets them. */
export class ConnectionPool {
  #all: readonly Connection[] = [];

  get size(): number {
    return this.#all.length;
  }

  /** Queries that somebody waits for. */
  get owed(): number {
    let owed = 0;
    for (const connection of this.#all) owed += connection.owed;
    return owed;
  }

  /** One that takes a query now. */
  get usable(): Connection | undefined {
    for (const connection of this.#all) if (connection.takes) return connection;
    return undefined;
  }

  /** Whether there is one that takes queries and has answered some. */
  get proven(): boolean {
    return this.#all.some(({ answered, takes }) => answered > 0 && takes);
  }

  /** Whether there is one that takes queries, now or once it owes fewer. */
  get lasting(): boolean {
    return this.#all.some(({ replaced }) => !replaced);
  }

  add(connection: Connection): void {
    this.#all = [...this.#all, connection];
  }

  remove(connection: Connection): void {
    this.#all = this.#all.filter((other) => other !== connection);
  }

  /** Ends a connection that takes no query for good, if there is one. */
  makeRoom(): void {
    const spent = this.#all.find(({ owed, sent, budget }) => owed === 0 && sent >= budget);
    (spent ?? this.#all.find(({ replaced }) => replaced))?.close('replaced');
  }

  /** None of them takes queries any more; each closes once it owes nothing. */
  replaceAll(): void {
    for (const connection of this.#all) connection.replace();
  }

  closeAll(reason: CloseReason): void {
    for (const connection of this.#all) connection.close(reason);
  }

  /** How many queries each may carry in all. */
  setBudget(queries: number): void {
    for (const connection of this.#all) connection.budget = queries;
  }

  /** The idle window has become shorter. */
  lookSooner(): void {
    for (const connection of this.#all) connection.lookSooner();
  }
}
