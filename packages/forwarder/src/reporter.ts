/** Tells the observer, and survives it. */
import { inspect } from 'node:util';
import type { Client, Reply } from '@tridot/listener';
import type { FinishedQuery, ForwarderObserver, Outcome, Source } from './observer.ts';
import type { Timings, UpstreamAnswer } from './port.ts';

export class Reporter {
  readonly #observer: ForwarderObserver | null;

  constructor(observer: ForwarderObserver | null) {
    this.#observer = observer;
  }

  /** The time that `finish` wants; 0 when nobody wants to know. */
  startMs(): number {
    return this.#observer === null ? 0 : performance.now();
  }

  /**
   * Reports a query as finished and passes its reply on.
   *
   * @param answer what was asked for this very query; others only waited for it.
   */
  finish(
    outcome: Outcome,
    source: Source,
    {
      query,
      client,
      startedMs,
    }: { readonly query: Buffer; readonly client: Client; readonly startedMs: number },
    reply: Reply,
    upstream: string | null,
    error: unknown,
    answer: UpstreamAnswer | null = null,
  ): Reply {
    if (this.#observer === null) return reply;
    try {
      this.#observer.onFinished(
        new Finished(outcome, source, client, query, reply, upstream, error, startedMs, answer),
      );
    } catch (bug) {
      this.internalError(bug, client);
    }
    return reply;
  }

  internalError(error: unknown, client: Client | null): void {
    try {
      if (this.#observer === null) warn(error);
      else this.#observer.onInternalError(error, client);
    } catch (bug) {
      warn(error);
      warn(bug);
    }
  }
}

/** A finished query that asks for its timings only when somebody looks: they are computed at each access. */
class Finished implements FinishedQuery {
  readonly outcome: Outcome;
  readonly source: Source;
  readonly client: Client;
  readonly query: Buffer;
  readonly reply: Reply;
  readonly upstream: string | null;
  readonly error: unknown;
  readonly startedMs: number;
  readonly #answer: UpstreamAnswer | null;

  constructor(
    outcome: Outcome,
    source: Source,
    client: Client,
    query: Buffer,
    reply: Reply,
    upstream: string | null,
    error: unknown,
    startedMs: number,
    answer: UpstreamAnswer | null,
  ) {
    this.outcome = outcome;
    this.source = source;
    this.client = client;
    this.query = query;
    this.reply = reply;
    this.upstream = upstream;
    this.error = error;
    this.startedMs = startedMs;
    this.#answer = answer;
  }

  get timings(): Timings | null {
    return this.#answer?.timings ?? null;
  }
}

/** The last resort: visible, and it cannot throw into the listener. */
function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : inspect(error), { code: 'ERR_FORWARDER_INTERNAL' });
}
