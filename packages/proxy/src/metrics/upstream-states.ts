import type { ServerState } from '@tridot/upstream';
import type { Registry } from 'prom-client';
import { addGauge } from './series.ts';

/** How each upstream does at the moment of the scrape. Counts of one that is in several groups are added up. */
export function addStates(registry: Registry, states: () => readonly ServerState[]): void {
  addGauge(registry, {
    name: 'tridot_upstream_healthy',
    help: '1 when it answers, or nothing is known against it.',
    labels: ['upstream'],
    *read() {
      for (const { name, healthy } of states()) yield [{ upstream: name }, healthy ? 1 : 0];
    },
  });
  addGauge(registry, {
    name: 'tridot_upstream_connections_open',
    help: 'Connections open now.',
    labels: ['upstream'],
    *read() {
      yield* sums(states(), ({ connections }) => connections);
    },
  });
  addGauge(registry, {
    name: 'tridot_upstream_queries_in_flight',
    help: 'Queries that wait for a connection to it or for its answer, probes included.',
    labels: ['upstream'],
    *read() {
      yield* sums(states(), ({ inFlight }) => inFlight);
    },
  });
  addGauge(registry, {
    name: 'tridot_upstream_latency_seconds',
    help: 'Moving average of what its answers take.',
    labels: ['upstream'],
    *read() {
      for (const { name, latencyMs } of states()) yield [{ upstream: name }, latencyMs / MS_PER_SECOND];
    },
  });
}

function* sums(
  states: readonly ServerState[],
  countOf: (state: ServerState) => number,
): Generator<[{ upstream: string }, number]> {
  const byName = new Map<string, number>();
  for (const state of states) byName.set(state.name, (byName.get(state.name) ?? 0) + countOf(state));
  for (const [upstream, value] of byName) yield [{ upstream }, value];
}

const MS_PER_SECOND = 1_000;
