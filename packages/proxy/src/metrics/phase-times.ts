import type { Timings } from '@tridot/upstream';

/** What the time of a query is divided into, as it is called in `/metrics`. */
export const PHASES = ['queue', 'dial', 'tls-full', 'tls-resumed', 'wait', 'reply'] as const;

/** How a query came to its connection. */
export const CONNECTION_USES = ['reused', 'new', 'none'] as const;

const QUEUE = 0;
const DIAL = 1;
const TLS_FULL = 2;
const TLS_RESUMED = 3;
const WAIT = 4;
const REPLY = 5;

const REUSED = 0;
const NEW = 1;
const NONE = 2;

/**
 * Where the time of the queries that one upstream answered went, added up. This is on the way of every query that is asked
 * upstream, so it adds in place and looks at no clock.
 */
export class PhaseTimes {
  /** By the order of {@link PHASES}. */
  readonly #totalMs = new Float64Array(PHASES.length);
  /** Queries that had to go through the phase. */
  readonly #queries = new Float64Array(PHASES.length);
  /** By the order of {@link CONNECTION_USES}. */
  readonly #uses = new Float64Array(CONNECTION_USES.length);
  /** How old the connections were when the answers came, added up. */
  connectionAgeMs = 0;

  /** @param durationMs from the query read to its reply ready. */
  add({ queueMs, dialMs, tlsMs, waitMs, tls, connectionAgeMs }: Timings, durationMs: number): void {
    this.#took(QUEUE, queueMs);
    this.#took(WAIT, waitMs);
    // The start is measured twice, here and at the upstream.
    this.#took(REPLY, Math.max(0, durationMs - queueMs - dialMs - tlsMs - waitMs));
    if (connectionAgeMs === null) {
      this.#used(NONE);
      return;
    }
    this.connectionAgeMs += connectionAgeMs;
    if (dialMs === 0 && tlsMs === 0) {
      this.#used(REUSED);
      return;
    }
    this.#used(NEW);
    if (dialMs > 0) this.#took(DIAL, dialMs);
    if (tls !== null) this.#took(tls === 'full' ? TLS_FULL : TLS_RESUMED, tlsMs);
  }

  *phases(): Generator<{ readonly phase: string; readonly totalMs: number; readonly queries: number }> {
    for (const [index, phase] of PHASES.entries()) {
      yield { phase, totalMs: this.#totalMs[index] ?? 0, queries: this.#queries[index] ?? 0 };
    }
  }

  *connectionUses(): Generator<{ readonly connection: string; readonly queries: number }> {
    for (const [index, connection] of CONNECTION_USES.entries()) {
      yield { connection, queries: this.#uses[index] ?? 0 };
    }
  }

  #took(phase: number, ms: number): void {
    this.#totalMs[phase] = (this.#totalMs[phase] ?? 0) + ms;
    this.#queries[phase] = (this.#queries[phase] ?? 0) + 1;
  }

  #used(use: number): void {
    this.#uses[use] = (this.#uses[use] ?? 0) + 1;
  }
}
