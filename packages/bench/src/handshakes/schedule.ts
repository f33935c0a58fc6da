import { scheduleOf } from '../low-rate/schedule.ts';
import type { AskedRate } from './result.ts';

/** Moments of the queries of one round, in milliseconds from its start: the same for every subject, others in each round. */
export function momentsOf({ queriesPerSecond, seconds }: AskedRate, round: number): number[] {
  const startMs = round * seconds * 1_000;
  return scheduleOf(queriesPerSecond, (round + 1) * seconds)
    .filter((moment) => moment >= startMs)
    .map((moment) => moment - startMs);
}

/** Handshakes of a forwarder that closes no connection itself: one for the first query, and one after each longer pause. */
export function fewestHandshakes(momentsMs: readonly number[], idleMs: number): number {
  return momentsMs.filter((moment, index) => moment - (momentsMs[index - 1] ?? -Infinity) > idleMs).length;
}
