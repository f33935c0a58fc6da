import type { ServerState } from '@tridot/upstream';
import type { Registry } from 'prom-client';
import { addPhases } from './phase-series.ts';
import { addCounter, addHistogram } from './series.ts';
import type { UpstreamCounts } from './upstream-metrics.ts';
import { addStates } from './upstream-states.ts';

export interface UpstreamSources {
  readonly upstreams: ReadonlyMap<string, UpstreamCounts>;
  /** How each server does now. */
  readonly states: () => readonly ServerState[];
}

/** What `/metrics` shows of each upstream. */
export function addUpstreams(registry: Registry, { upstreams, states }: UpstreamSources): void {
  addStates(registry, states);
  addCounter(registry, {
    name: 'tridot_upstream_replies_total',
    help: 'Queries that were replied to with what this upstream answered.',
    labels: ['upstream'],
    *read() {
      for (const [upstream, { replies }] of upstreams) yield [{ upstream }, replies];
    },
  });
  addPhases(registry, upstreams);
  addCounter(registry, {
    name: 'tridot_upstream_connections_opened_total',
    help: 'TLS connections opened, by whether the handshake was a full one or resumed a session.',
    labels: ['upstream', 'handshake'],
    *read() {
      for (const [upstream, { opened }] of upstreams) {
        yield [{ upstream, handshake: 'full' }, opened.full];
        yield [{ upstream, handshake: 'resumed' }, opened.resumed];
      }
    },
  });
  addCounter(registry, {
    name: 'tridot_upstream_connections_closed_total',
    help: 'TLS connections closed, by the reason.',
    labels: ['upstream', 'reason'],
    *read() {
      for (const [upstream, { closed }] of upstreams) {
        for (const [reason, value] of closed) yield [{ upstream, reason }, value];
      }
    },
  });
  addCounter(registry, {
    name: 'tridot_upstream_connections_unauthenticated_total',
    help: 'TLS connections to a server that has not proved who it is, where opportunistic encryption was asked for.',
    labels: ['upstream'],
    *read() {
      for (const [upstream, { unauthenticated }] of upstreams) yield [{ upstream }, unauthenticated];
    },
  });
  addCounter(registry, {
    name: 'tridot_upstream_hedged_total',
    help: 'Queries asked of this upstream too, since another one took long.',
    labels: ['upstream'],
    *read() {
      for (const [upstream, { hedged }] of upstreams) yield [{ upstream }, hedged];
    },
  });
  addHistogram(registry, {
    name: 'tridot_upstream_connect_duration_seconds',
    help: 'TCP handshake, with the look-up of a host name.',
    labels: ['upstream'],
    *read() {
      for (const [upstream, { connectMs }] of upstreams) yield [{ upstream }, connectMs];
    },
  });
  addHistogram(registry, {
    name: 'tridot_upstream_handshake_duration_seconds',
    help: 'TLS handshake.',
    labels: ['upstream'],
    *read() {
      for (const [upstream, { handshakeMs }] of upstreams) yield [{ upstream }, handshakeMs];
    },
  });
  addCounter(registry, {
    name: 'tridot_upstream_errors_total',
    help: 'Dials that failed, and queries that got no answer or none that can be used, by the phase and the code of the error.',
    labels: ['upstream', 'phase', 'code'],
    *read() {
      for (const [upstream, { errors }] of upstreams) {
        for (const { phase, code, count } of errors.values()) yield [{ upstream, phase, code }, count];
      }
    },
  });
  addCounter(registry, {
    name: 'tridot_upstream_retries_total',
    help: 'Queries asked again, by the reason.',
    labels: ['upstream', 'reason'],
    *read() {
      for (const [upstream, { retries }] of upstreams) {
        for (const [reason, value] of retries) yield [{ upstream, reason }, value];
      }
    },
  });
  addCounter(registry, {
    name: 'tridot_upstream_strays_total',
    help: 'Messages of upstreams that answered no query in flight.',
    labels: ['upstream', 'kind'],
    *read() {
      for (const [upstream, { strays }] of upstreams) {
        for (const [kind, value] of strays) yield [{ upstream, kind }, value];
      }
    },
  });
}
