import type { ServerState, Upstreams } from '@tridot/upstream';
import { BindError } from '../failures.ts';
import type { AnswerSources } from '../metrics/answer-series.ts';
import type { Observation } from '../observation.ts';
import { version } from '../program/version.ts';
import type { Settings } from '../settings/settings-schema.ts';
import { formatAddress } from '../sockets/endpoints.ts';
import { probe } from '../upstreams/probe.ts';
import type { AdminAddress } from './admin-address.ts';
import { createReadiness } from './readiness.ts';

/** The admin endpoint of a proxy. */
export interface Admin {
  readonly url: string;
  close(): Promise<void>;
}

/** What it looks at. */
export interface AdminSubject {
  readonly strategy: string;
  readonly settings: () => Settings;
  readonly draining: () => boolean;
  readonly observation: Observation;
  readonly upstreams: () => Upstreams | null;
  readonly answers: AnswerSources;
}

/**
 * Binds the endpoint and asks an upstream once, so that the first client finds a connection.
 *
 * @throws {BindError} ERR_BIND: the address cannot be bound.
 */
export async function startAdmin(address: AdminAddress, subject: AdminSubject): Promise<Admin> {
  const { strategy, settings, draining, observation, answers } = subject;
  const { queries, upstreams, agreement, denials, listenerEvents, reloads } = observation;
  if (queries === null || upstreams === null) throw new TypeError('an admin endpoint without counters');
  const limits = settings().limits.admin;
  const readiness = createReadiness({
    answeredAtMs: () => queries.answeredAtMs,
    draining,
    probe: async () => {
      const current = subject.upstreams();
      if (current === null) throw new TypeError('asked before there are upstreams');
      await probe(current);
    },
    windowMs: limits.readyWindowMs,
    waitMs: limits.readyWaitMs,
  });
  observation.onUpstreamFailure = () => readiness.failed();
  const metrics = {
    strategy,
    version: version(),
    queries,
    upstreams,
    agreement,
    denials,
    listenerEvents,
    reloads,
    draining,
    answers,
    states: () => serverStates(subject.upstreams()),
  };
  // Who has no endpoint does not pay for the libraries behind it.
  const [{ startAdminServer }, { adminPages }] = await Promise.all([
    import('./admin-server.ts'),
    import('./admin-pages.ts'),
  ]);
  const pages = adminPages({ metrics, readiness, settings });
  try {
    const server = await startAdminServer(address, limits, pages, (error) =>
      observation.internalError(error),
    );
    readiness.warmUp();
    return server;
  } catch (error) {
    throw new BindError('tcp', formatAddress(address.host, address.port), error, '--admin');
  }
}

/** Of all groups; a server that is in several is shown once. */
function serverStates(upstreams: Upstreams | null): ServerState[] {
  const states = new Map<string, ServerState>();
  for (const { servers } of upstreams?.groups.values() ?? []) {
    for (const state of servers) if (!states.has(state.name)) states.set(state.name, state);
  }
  return [...states.values()];
}
