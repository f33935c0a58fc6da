import type { UpstreamLimits } from '../limits.ts';
import type { Candidate } from '../server.ts';
import { createFailover } from './failover.ts';
import { createFastest } from './fastest.ts';
import { createRoundRobin } from './round-robin.ts';
import type { Selection, SelectionName } from './selection.ts';

/** A race runs among the first servers in order of preference. */
export function createSelection<T extends Candidate>(
  name: SelectionName,
  servers: readonly T[],
  { explorePercent }: UpstreamLimits,
): Selection<T> {
  if (name === 'round-robin') return createRoundRobin(servers);
  if (name === 'fastest') return createFastest(servers, explorePercent);
  return createFailover(servers);
}
