import { BENCH_LIMITS } from '../limits.ts';
import type { Method } from '../method/result.ts';
import { numberOption } from '../options.ts';

/** Short runs, and many of them: what counts is the ratio of one round, not the figure. */
export function guardMethod(rounds: string | undefined): Method {
  return {
    rounds: numberOption('guardRounds', rounds),
    seconds: BENCH_LIMITS.guardSeconds.default,
    warmUpSeconds: BENCH_LIMITS.warmUpSeconds.default,
    clients: BENCH_LIMITS.clients.default,
    inFlight: BENCH_LIMITS.inFlight.default,
    connections: BENCH_LIMITS.connections.default,
    fixedRate: BENCH_LIMITS.fixedRate.default,
    subjectCore: BENCH_LIMITS.subjectCore.default,
    loadCore: BENCH_LIMITS.loadCore.default,
    nodeFlags: [],
  };
}
