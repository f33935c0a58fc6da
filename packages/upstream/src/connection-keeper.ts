import type { Connection } from './connection.ts';
import { ConnectionPool } from './connection-pool.ts';
import { type Dialled, Dialler, type Opener } from './dialler.ts';
import type { UpstreamError } from './errors.ts';
import type { UpstreamLimits } from './limits.ts';
import type { PendingQuery, QueryHolder } from './pending-query.ts';
import { WaitingQueries } from './waiting-queries.ts';

/** Why a connection is to be opened although no query waits for one. */
type Errand = 'probe' | 'renew' | 'warm';

/** What a {@link ConnectionKeeper} tells the server that it belongs to. */
export interface KeeperEvents {
  /** Makes a connection of what was dialled. */
  onOpened(dialled: Dialled): Connection;
  onDialFailed(error: UpstreamError): void;
  /** This query waited for a connection that did not come about. */
  onUnserved(pending: PendingQuery, error: UpstreamError): void;
}

/**
 * The few connections to one server, the queries that wait for one, and when another is opened: only when those there are
 * take no query, since they are being replaced or every ID is in use.
 */
export class ConnectionKeeper {
  readonly connections = new ConnectionPool();
  readonly dialler: Dialler;
  readonly #waiting = new WaitingQueries();
  readonly #limits: UpstreamLimits;
  readonly #warm: boolean;
  readonly #events: KeeperEvents;
  #errand: Errand | null = null;
  /** Connections were to be replaced while a dial was under way that knew nothing of the reason. */
  #renewAfterDial = false;

  /** @param warm a connection is kept open although there are no queries. */
  constructor(open: Opener, limits: UpstreamLimits, warm: boolean, events: KeeperEvents) {
    this.#limits = limits;
    this.#warm = warm;
    this.#events = events;
    this.dialler = new Dialler(open, limits, {
      onOpened: (dialled) => this.#onOpened(dialled),
      onFailed: (error) => this.#onDialFailed(error),
      onPauseOver: () => this.#connectIfNeeded(),
    });
  }

  /** Queries that wait for a connection. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Has a query wait for a connection, and sees to it that one comes. */
  wait(pending: PendingQuery, holder: QueryHolder): void {
    pending.holder = holder;
    this.#waiting.add(pending);
    this.#connect();
  }

  /** One of the queries that wait has been settled. */
  abandonOne(): void {
    this.#waiting.abandonOne();
  }

  /** Gives the queries that wait to connections, as far as these take them. */
  serve(): void {
    if (this.#waiting.size === 0) return;
    const nowMs = performance.now();
    for (;;) {
      const connection = this.connections.usable;
      if (connection === undefined) break;
      const pending = this.#waiting.next();
      if (pending === null) return;
      pending.sentMs = nowMs;
      connection.send(pending);
    }
    if (this.#waiting.size > 0) this.#connect();
  }

  /**
   * Asks a question of our own, over a new connection if there is none. Never beside queries of clients: they say as much
   * of the server, and one that hangs up on our question would take them with it.
   */
  probe(): void {
    const connection = this.connections.usable;
    if (connection === undefined) this.#run('probe');
    else if (connection.owed === 0) connection.probe();
  }

  /** Opens a connection before there is a query, where one is to be kept. */
  warmUp(): void {
    if (this.#warm && this.connections.size === 0) this.#run('warm');
  }

  /** Replaces every connection, once a new one is there. */
  renew(): void {
    this.#renewAfterDial = this.dialler.dialling;
    if (this.connections.size > 0) this.#run('renew');
  }

  /** A connection has been idle for the idle window. */
  idle(connection: Connection): void {
    if (this.#warm && !connection.replaced) this.#run('renew');
    else connection.close('idle');
  }

  #connect(): void {
    if (this.connections.size >= this.#limits.maxConnections) this.connections.makeRoom();
    else this.dialler.dial();
  }

  #connectIfNeeded(): void {
    if (this.#errand === 'renew' && this.connections.size === 0) this.#errand = this.#warm ? 'warm' : null;
    if (this.#errand !== null) this.#run(this.#errand);
    else if (this.#waiting.size > 0) this.#connect();
  }

  #run(errand: Errand): void {
    if (this.#errand !== 'renew') this.#errand = errand;
    // The new connection comes before the old ones go, so there may be one too many for a moment.
    if (this.#errand === 'renew') this.dialler.dial();
    else this.#connect();
  }

  #onOpened(dialled: Dialled): void {
    const errand = this.#errand;
    this.#errand = null;
    const connection = this.#events.onOpened(dialled);
    if (errand === 'renew') this.connections.replaceAll();
    this.connections.add(connection);
    if (errand === 'probe' && this.#waiting.size === 0) connection.probe();
    this.serve();
    if (!this.#renewAfterDial) return;
    this.#renewAfterDial = false;
    this.#run('renew');
  }

  #onDialFailed(error: UpstreamError): void {
    this.#events.onDialFailed(error);
    if (this.#errand === 'probe') this.#errand = null;
    this.#renewAfterDial = false;
    // Another connection may only be full: then the queries wait for it.
    if (this.connections.lasting) this.serve();
    else for (const pending of this.#waiting.takeAll()) this.#events.onUnserved(pending, error);
    this.#connectIfNeeded();
  }
}
