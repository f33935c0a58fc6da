/** What selection needs to know of a server. */
export interface Candidate {
  /** It can take a query at once, or nothing speaks against connecting to it. */
  readonly healthy: boolean;
  /** It failed lately, and may not be dialled before this (`performance.now()`); in the past: it may be. */
  readonly outUntilMs: number;
  /** Connects without a query, to find out whether the server is back. */
  probe(): void;
}

/**
 * Which server a query goes to: the first in order of preference that is healthy; else the first that may be tried again.
 * Preferred servers that failed are probed meanwhile, so that no query has to wait to find out that they are back.
 *
 * @returns `null` when every server must be left alone for now.
 */
export function firstUsable<T extends Candidate>(servers: readonly T[], nowMs: number): T | null {
  let fallback: T | null = null;
  for (const server of servers) {
    if (server.healthy) {
      if (fallback !== null) probeBefore(servers, server, nowMs);
      return server;
    }
    if (server.outUntilMs <= nowMs) fallback ??= server;
  }
  return fallback;
}

/** The server that may be dialled next, when none may be now. */
export function soonest<T extends Candidate>(servers: readonly T[]): T | null {
  return servers.reduce<T | null>(
    (best, server) => (best === null || server.outUntilMs < best.outUntilMs ? server : best),
    null,
  );
}

function probeBefore<T extends Candidate>(servers: readonly T[], healthy: T, nowMs: number): void {
  for (const server of servers) {
    if (server === healthy) return;
    if (server.outUntilMs <= nowMs) server.probe();
  }
}
