import type { Candidate } from '../server.ts';
import { probeIfDue, type Selection } from './selection.ts';

/**
 * The healthy server with the lowest average latency; one that was never asked comes first. Now and then another one is
 * asked, since a server that is not asked is not measured either.
 *
 * @param explorePercent share of the queries that go to a healthy server chosen by chance.
 */
export function createFastest<T extends Candidate>(
  servers: readonly T[],
  explorePercent: number,
  random: () => number = Math.random,
): Selection<T> {
  return {
    choose(nowMs, tried) {
      const explores = servers.length > 1 && random() * 100 < explorePercent;
      let best: T | null = null;
      let healthy = 0;
      for (const server of servers) {
        if (tried.includes(server)) continue;
        if (!server.healthy) {
          probeIfDue(server, nowMs);
          continue;
        }
        healthy++;
        // Of those seen so far, each is as likely as any other.
        const takes = explores
          ? random() * healthy < 1
          : best === null || server.latency.averageMs < best.latency.averageMs;
        if (takes) best = server;
      }
      return best;
    },
  };
}
