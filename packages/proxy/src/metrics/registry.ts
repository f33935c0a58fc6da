import type { ServerState } from '@tridot/upstream';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { DenialCounts } from '../admission/admission.ts';
import type { ListenerEventCounts } from '../sockets/listener-events.ts';
import { type AgreementMetrics, addAgreement } from './agreement-metrics.ts';
import { type AnswerSources, addAnswers } from './answer-series.ts';
import type { QueryMetrics } from './query-metrics.ts';
import { addCounter, addGauge, addHistogram } from './series.ts';
import type { UpstreamMetrics } from './upstream-metrics.ts';
import { addUpstreams } from './upstream-series.ts';

/** Where `/metrics` gets its numbers from. */
export interface MetricSources {
  readonly strategy: string;
  readonly version: string;
  readonly queries: QueryMetrics;
  readonly upstreams: UpstreamMetrics;
  readonly agreement: AgreementMetrics;
  readonly states: () => readonly ServerState[];
  readonly denials: DenialCounts;
  readonly listenerEvents: ListenerEventCounts;
  readonly reloads: { readonly applied: number; readonly refused: number };
  readonly draining: () => boolean;
  readonly answers: AnswerSources;
}

/**
 * Everything that `/metrics` shows. No label ever holds a name that was asked for or the address of a client: the number of
 * series depends on the settings alone.
 */
export function createMetricsRegistry(sources: MetricSources): Registry {
  const registry = new Registry();
  addProgram(registry, sources);
  addQueries(registry, sources);
  addAnswers(registry, sources.answers);
  addSockets(registry, sources);
  addUpstreams(registry, { upstreams: sources.upstreams.upstreams, states: sources.states });
  addAgreement(registry, sources.agreement);
  collectDefaultMetrics({ register: registry });
  return registry;
}

function addProgram(registry: Registry, { strategy, version, reloads, draining }: MetricSources): void {
  addGauge(registry, {
    name: 'tridot_build_info',
    help: 'Always 1; the labels say what is running.',
    labels: ['version', 'strategy', 'node'],
    read: () => [[{ version, strategy, node: process.version }, 1]],
  });
  addGauge(registry, {
    name: 'tridot_draining',
    help: '1 while no more queries are taken and the last replies go out.',
    labels: [],
    read: () => [[{}, draining() ? 1 : 0]],
  });
  addCounter(registry, {
    name: 'tridot_reloads_total',
    help: 'Reloads of the settings, by whether they were applied or refused.',
    labels: ['result'],
    read: () => [
      [{ result: 'applied' }, reloads.applied],
      [{ result: 'refused' }, reloads.refused],
    ],
  });
}

function addQueries(registry: Registry, { strategy, queries }: MetricSources): void {
  addCounter(registry, {
    name: 'tridot_queries_total',
    help: 'Queries finished, by where the reply came from, without those of tridot_queries_denied_total.',
    labels: ['strategy', 'transport', 'outcome', 'source', 'rcode'],
    *read() {
      for (const { transport, outcome, source, rcode, value } of queries.counts()) {
        yield [{ strategy, transport, outcome, source, rcode }, value];
      }
    },
  });
  addHistogram(registry, {
    name: 'tridot_query_duration_seconds',
    help: 'From the query read to its reply ready.',
    labels: ['strategy', 'transport'],
    read: () => [
      [{ strategy, transport: 'udp' }, queries.durations.udp],
      [{ strategy, transport: 'tcp' }, queries.durations.tcp],
    ],
  });
  addGauge(registry, {
    name: 'tridot_queries_in_flight',
    help: 'Queries being answered now.',
    labels: [],
    read: () => [[{}, queries.inFlight]],
  });
  addCounter(registry, {
    name: 'tridot_internal_errors_total',
    help: 'Mistakes of the program that cost a query its answer.',
    labels: [],
    read: () => [[{}, queries.internalErrors]],
  });
}

function addSockets(registry: Registry, { denials, listenerEvents }: MetricSources): void {
  addCounter(registry, {
    name: 'tridot_queries_denied_total',
    help: 'Queries of clients outside the allowed ranges or over their rate.',
    labels: ['reason', 'transport'],
    *read() {
      for (const [reason, byTransport] of Object.entries(denials)) {
        for (const [transport, value] of Object.entries(byTransport)) yield [{ reason, transport }, value];
      }
    },
  });
  addCounter(registry, {
    name: 'tridot_listener_events_total',
    help: 'What listeners did that nobody is answered about: drops, refused and closed connections.',
    labels: ['transport', 'event'],
    *read() {
      for (const [transport, events] of Object.entries(listenerEvents)) {
        for (const [event, value] of Object.entries(events)) yield [{ transport, event }, value];
      }
    },
  });
}
