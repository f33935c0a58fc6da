import type { Registry } from 'prom-client';
import { addCounter } from './series.ts';
import type { UpstreamCounts } from './upstream-metrics.ts';

const MS_PER_SECOND = 1_000;

/** What `/metrics` shows of where the time of queries went, without those that only waited for the answer of an equal one. */
export function addPhases(registry: Registry, upstreams: ReadonlyMap<string, UpstreamCounts>): void {
  addCounter(registry, {
    name: 'tridot_upstream_phase_seconds_total',
    help: 'Time of the queries that it answered, by phase: queue (not sent yet), dial (TCP), tls-full, tls-resumed (handshake), wait (for the answer), reply (ours: before asking, and after the answer).',
    labels: ['upstream', 'phase'],
    *read() {
      for (const [upstream, { phases }] of upstreams) {
        for (const { phase, totalMs } of phases.phases())
          yield [{ upstream, phase }, totalMs / MS_PER_SECOND];
      }
    },
  });
  addCounter(registry, {
    name: 'tridot_upstream_phase_queries_total',
    help: 'Queries that it answered and that went through the phase. Over a connection that was there it is queue, wait and reply.',
    labels: ['upstream', 'phase'],
    *read() {
      for (const [upstream, { phases }] of upstreams) {
        for (const { phase, queries } of phases.phases()) yield [{ upstream, phase }, queries];
      }
    },
  });
  addCounter(registry, {
    name: 'tridot_upstream_connection_uses_total',
    help: 'Queries that it answered, by connection: reused (it was open when the query came), new (the query waited while it was opened), none (UDP).',
    labels: ['upstream', 'connection'],
    *read() {
      for (const [upstream, { phases }] of upstreams) {
        for (const { connection, queries } of phases.connectionUses())
          yield [{ upstream, connection }, queries];
      }
    },
  });
  addCounter(registry, {
    name: 'tridot_upstream_connection_age_seconds_total',
    help: 'How long connections had been open when answers came over them, added up over the answers. Divided by the uses that are reused or new: the mean age.',
    labels: ['upstream'],
    *read() {
      for (const [upstream, { phases }] of upstreams) {
        yield [{ upstream }, phases.connectionAgeMs / MS_PER_SECOND];
      }
    },
  });
}
