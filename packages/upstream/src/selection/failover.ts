import type { Candidate } from '../server.ts';
import { probeIfDue, type Selection } from './selection.ts';

/** The first healthy server in order of preference. Only those before it are probed: the others are not needed. */
export function createFailover<T extends Candidate>(servers: readonly T[]): Selection<T> {
  return {
    choose(nowMs, tried) {
      for (const server of servers) {
        if (tried.includes(server)) continue;
        if (server.healthy) return server;
        probeIfDue(server, nowMs);
      }
      return null;
    },
  };
}
