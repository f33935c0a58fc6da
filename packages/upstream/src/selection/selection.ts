import type { Candidate } from '../server.ts';

/** How a group chooses among its servers. */
export const SELECTIONS = ['failover', 'round-robin', 'fastest', 'race'] as const;
export type SelectionName = (typeof SELECTIONS)[number];

/** Chooses a server for a query among those of one group. Also probes those that are down, when that may be done. */
export interface Selection<T extends Candidate> {
  /**
   * @param nowMs by `performance.now()`.
   * @param tried servers that will not do.
   * @returns `null` when no other server is healthy.
   */
  choose(nowMs: number, tried: readonly T[]): T | null;
}

/** Whoever is down and may be asked again is probed, so that no client's query has to find out that it is back. */
export function probeIfDue(server: Candidate, nowMs: number): void {
  if (server.outUntilMs <= nowMs) server.probe();
}
