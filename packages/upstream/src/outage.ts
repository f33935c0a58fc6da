import type { UpstreamLimits } from './limits.ts';
import type { PendingQuery } from './pending-query.ts';
import type { Server } from './server.ts';

/** The first server that failed lately and may be tried again, when none is healthy. */
export function firstRetryable(
  servers: readonly Server[],
  nowMs: number,
  { maxOutageMs }: Pick<UpstreamLimits, 'maxOutageMs'>,
): Server | null {
  const due = servers.find((server) => server.outUntilMs <= nowMs);
  if (due !== undefined) return due;
  // However long their pauses are by setting, not all servers of a group are left alone for longer than this.
  const longest = servers.reduce((first, server) => (server.failedAtMs < first.failedAtMs ? server : first));
  if (nowMs - longest.failedAtMs < maxOutageMs) return null;
  longest.forgive();
  return longest;
}

/** With every server out, a query waits for one only if that will be tried soon and may well be back by then. */
export function worthWaitingFor(
  servers: readonly Server[],
  pending: PendingQuery,
  nowMs: number,
  { patienceMs }: Pick<UpstreamLimits, 'patienceMs'>,
): Server | null {
  const server = soonest(servers);
  const error = server.lastError?.code;
  if (error === 'ERR_UPSTREAM_TLS' || error === 'ERR_UPSTREAM_IDENTITY') return null;
  const sinceMs = pending.failure === null ? nowMs : pending.failedAtMs;
  return server.outUntilMs <= Math.min(sinceMs + patienceMs, pending.deadlineMs) ? server : null;
}

/** The server that may be tried next, when none may be now. */
export function soonest(servers: readonly Server[]): Server {
  return servers.reduce((best, server) => (server.outUntilMs < best.outUntilMs ? server : best));
}
