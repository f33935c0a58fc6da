/** Tells the observer, and survives it. */
import { inspect } from 'node:util';
import type { Client, Reply } from '@tridot/listener';
import type { ForwarderObserver, Outcome, Source } from './observer.ts';

export class Reporter {
  readonly #observer: ForwarderObserver | null;

  constructor(observer: ForwarderObserver | null) {
    this.#observer = observer;
  }

  /** The time that `finish` wants; 0 when nobody wants to know. */
  startMs(): number {
    return this.#observer === null ? 0 : performance.now();
  }

  /** Reports a query as finished and passes its reply on. */
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
  ): Reply {
    if (this.#observer === null) return reply;
    try {
      this.#observer.onFinished({ outcome, source, client, query, reply, upstream, error, startedMs });
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

/** The last resort: visible, and it cannot throw into the listener. */
function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : inspect(error), { code: 'ERR_FORWARDER_INTERNAL' });
}
