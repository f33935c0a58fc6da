import type { AgreementObserver } from '@tridot/agreement';
import type { FinishedQuery, ForwarderObserver } from '@tridot/forwarder';
import type { Client, ListenerEvent, QueryHandler, Transport } from '@tridot/listener';
import { UpstreamError, type UpstreamObserver } from '@tridot/upstream';
import type { Denial } from './admission/admission.ts';
import { codeOf } from './failures.ts';
import { disagreementLine } from './logging/agreement-line.ts';
import { createFailureLog, type FailureLog } from './logging/failure-log.ts';
import type { Logger } from './logging/log.ts';
import { logQuery } from './logging/query-log.ts';
import { shownClient } from './logging/shown-client.ts';
import { AgreementMetrics } from './metrics/agreement-metrics.ts';
import { QueryMetrics } from './metrics/query-metrics.ts';
import { UpstreamMetrics } from './metrics/upstream-metrics.ts';
import type { Settings } from './settings/settings-schema.ts';
import { countListenerEvents, type ListenerEventCounts } from './sockets/listener-events.ts';
import { both } from './upstreams/observers.ts';

/** Sees what all parts of the proxy do, for the log and for `/metrics`. What nobody looks at is not counted. */
export class Observation {
  readonly listenerEvents: ListenerEventCounts;
  readonly onListenerEvent: (event: ListenerEvent, transport: Transport) => void;
  readonly upstreamObserver: UpstreamObserver;
  readonly denials = { 'not-allowed': { udp: 0, tcp: 0 }, 'rate-limited': { udp: 0, tcp: 0 } };
  readonly reloads = { applied: 0, refused: 0 };
  readonly agreement = new AgreementMetrics();
  /** `null` without an admin endpoint, as is the next. */
  readonly queries: QueryMetrics | null;
  readonly upstreams: UpstreamMetrics | null;
  /** Told whenever an upstream could not be reached or did not answer. */
  onUpstreamFailure: () => void = () => {};
  readonly #logger: Logger;
  readonly #failures: FailureLog;
  #log: Settings['log'];

  constructor(logger: Logger, settings: Settings) {
    const events = countListenerEvents();
    const isWatched = settings.admin !== undefined;
    this.listenerEvents = events.counts;
    this.onListenerEvent = events.count;
    this.#logger = logger;
    this.#log = settings.log;
    this.#failures = createFailureLog(logger, settings.limits.proxy.repeatedLogIntervalMs);
    this.queries = isWatched ? new QueryMetrics() : null;
    this.upstreams = isWatched ? new UpstreamMetrics() : null;
    const told: UpstreamObserver = this.upstreams?.observer ?? {};
    const failing: UpstreamObserver = { dialFailed: () => this.onUpstreamFailure() };
    this.upstreamObserver = both(this.#failures.observer, both(told, failing));
  }

  /** From now on these settings and upstreams. */
  use({ log }: Settings, upstreamNames: readonly string[]): void {
    this.#log = log;
    this.upstreams?.keepOnly(upstreamNames);
  }

  /** Counts the queries that a handler is given, if anybody wants to know. */
  counting(handler: QueryHandler): QueryHandler {
    return this.queries?.counting(handler) ?? handler;
  }

  readonly forwarderObserver: ForwarderObserver = {
    onFinished: (finished) => {
      if (this.queries !== null) this.#count(finished, this.queries);
      if (finished.outcome === 'failed') this.#queryFailed(finished);
      if (this.#log.queries) logQuery(this.#logger, finished, this.#log.clients);
    },
    onInternalError: (error) => this.internalError(error),
  };

  #count(finished: FinishedQuery, queries: QueryMetrics): void {
    const nowMs = performance.now();
    queries.finished(finished, nowMs);
    const { upstream, outcome, timings, startedMs } = finished;
    if (upstream === null) return;
    this.upstreams?.replied(upstream, outcome === 'answered' ? timings : null, nowMs - startedMs);
  }

  #queryFailed({ error, upstream }: FinishedQuery): void {
    this.#failures.queryFailed(error);
    if (upstream !== null) this.upstreams?.answerUnusable(upstream, codeOf(error) ?? 'ERR_INTERNAL');
    if (!(error instanceof UpstreamError)) return;
    this.upstreams?.queryFailed(error);
    this.onUpstreamFailure();
  }

  readonly onDenied = (denial: Denial, { transport, address }: Client): void => {
    this.denials[denial][transport]++;
    this.#failures.clientDenied(denial, shownClient(address, this.#log.clients));
  };

  readonly agreementObserver: AgreementObserver = {
    compared: (comparison) => {
      this.agreement.compared(comparison);
      if (comparison.outcome === 'disagreed') this.#failures.disagreed(disagreementLine(comparison));
    },
    overloaded: () => {
      this.agreement.overloaded++;
    },
  };

  /** A mistake of ours. */
  internalError(error: unknown): void {
    if (this.queries !== null) this.queries.internalErrors++;
    this.#failures.internalError(error);
  }

  /** Writes what was only counted so far. */
  flush(): void {
    this.#failures.flush();
  }
}
