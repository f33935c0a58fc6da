import { seededRandom } from '@tridot/testbed';

/** Stubs that know nothing of each other ask at intervals like these. */
const SEED = 20_240_229;

/**
 * Moments of queries, in milliseconds from the start, at random intervals (a Poisson process), the same in every run.
 *
 * @param perSecond queries a second on average.
 */
export function scheduleOf(perSecond: number, seconds: number): number[] {
  const random = seededRandom(SEED);
  const moments: number[] = [];
  // The first asks a subject that has just started and has no connection.
  for (let at = 0; at < seconds * 1000; at += (-Math.log(1 - random()) / perSecond) * 1000) moments.push(at);
  return moments;
}
