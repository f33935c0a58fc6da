import type { Candidate } from '../server.ts';
import { probeIfDue, type Selection } from './selection.ts';

/** Each healthy server in turn. */
export function createRoundRobin<T extends Candidate>(servers: readonly T[]): Selection<T> {
  let next = 0;
  return {
    choose(nowMs, tried) {
      for (let step = 0; step < servers.length; step++) {
        const server = servers[next];
        next = (next + 1) % servers.length;
        if (server === undefined || tried.includes(server)) continue;
        if (server.healthy) return server;
        probeIfDue(server, nowMs);
      }
      return null;
    },
  };
}
