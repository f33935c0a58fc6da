import { RCODE, rcodeOf } from '@tridot/wire';
import type { UpstreamError } from './errors.ts';
import type { PendingQuery, UpstreamAnswer } from './pending-query.ts';

/** How a contest is held. */
export interface ContestEvents {
  resolve(answer: UpstreamAnswer): void;
  reject(error: UpstreamError): void;
  /** A leg has come to nothing and no other has won yet. May enter another leg. */
  legLost(contest: Contest, leg: PendingQuery): void;
}

/**
 * One query asked of several servers: the first good answer is the one. The other legs go on until they are answered or
 * their time is over, so that a server which never answers is noticed as it is in any other case.
 */
export class Contest {
  readonly #events: ContestEvents;
  #running = 0;
  #decided = false;
  #second: UpstreamAnswer | null = null;

  constructor(events: ContestEvents) {
    this.#events = events;
  }

  get decided(): boolean {
    return this.#decided;
  }

  /** How many legs may still bring an answer. */
  get running(): number {
    return this.#running;
  }

  /** Whether there is an answer, if not a good one. */
  get hasAnswer(): boolean {
    return this.#second !== null;
  }

  /** From now on the leg's outcome belongs to the contest. */
  enter(leg: PendingQuery): void {
    this.#running++;
    leg.contest = this;
    leg.resolve = (answer) => this.#answered(leg, answer);
    leg.reject = (error) => this.#lost(leg, error);
  }

  #answered(leg: PendingQuery, answer: UpstreamAnswer): void {
    if (this.#decided) return;
    if (isGood(answer.message)) {
      this.#decided = true;
      this.#events.resolve(answer);
      return;
    }
    this.#second ??= answer;
    this.#lost(leg, null);
  }

  #lost(leg: PendingQuery, error: UpstreamError | null): void {
    this.#running--;
    if (this.#decided) return;
    this.#events.legLost(this, leg);
    if (this.#running > 0) return;
    this.#decided = true;
    if (this.#second !== null) this.#events.resolve(this.#second);
    else if (error !== null) this.#events.reject(error);
  }
}

/** An answer that no other server could better: SERVFAIL, REFUSED and the like may be the server's own trouble. */
function isGood(response: Buffer): boolean {
  const rcode = rcodeOf(response);
  return rcode === RCODE.NOERROR || rcode === RCODE.NXDOMAIN;
}
