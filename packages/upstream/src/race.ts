import { Contest, type ContestEvents } from './contest.ts';
import type { PendingQuery } from './pending-query.ts';
import type { Server } from './server.ts';

/** What a race needs of the group that it runs in. */
export interface RaceTrack {
  readonly raceWidth: number;
  readonly maxSends: number;
  /** Another healthy server; `null` when there is none. */
  another(tried: readonly Server[]): Server | null;
  /**
   * Sends the client's query on its way as a leg of the contest.
   *
   * @param only the server that it may be asked of; `null`: whichever, with all the patience that the group has.
   * @param sends how often it counts as sent already.
   */
  launch(contest: Contest, only: Server | null, sends: number): void;
  /** Whether the client's time is over. */
  isOver(): boolean;
}

/**
 * Asks several servers at once; the first good answer is the one. For each that fails another one is asked. When all have
 * failed, the query goes the way of any other, so that it waits for a server that may soon be back. No server is asked by two
 * legs, except by that last one, which counts what the others sent.
 */
export function startRace(
  track: RaceTrack,
  { resolve, reject }: Pick<ContestEvents, 'resolve' | 'reject'>,
): void {
  const tried: Server[] = [];
  let mostSends = 0;
  let lastResort = false;

  const contest = new Contest({ resolve, reject, legLost });
  while (contest.running < track.raceWidth && startLeg());
  if (contest.running === 0) startLastLeg();

  function legLost(_contest: Contest, leg: PendingQuery): void {
    mostSends = Math.max(mostSends, leg.sends);
    if (lastResort || track.isOver() || startLeg()) return;
    if (contest.running === 0 && !contest.hasAnswer) startLastLeg();
  }

  function startLeg(): boolean {
    const server = track.another(tried);
    if (server === null) return false;
    tried.push(server);
    track.launch(contest, server, 0);
    return true;
  }

  function startLastLeg(): void {
    lastResort = true;
    if (mostSends >= track.maxSends) return;
    track.launch(contest, null, mostSends);
  }
}
