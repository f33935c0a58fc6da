/** What each upstream said to one query, and how far they agree. Pure: no waiting, no ports. */
import type { Facts, Incomparable } from './facts.ts';
import type { UpstreamAnswer } from './port.ts';
import { agrees, confirms, type Relation, type RrsetPolicy, relate } from './relation.ts';

/** One upstream's part. */
export type Vote<Answer extends UpstreamAnswer> =
  | { readonly state: 'pending' }
  | { readonly state: 'answered'; readonly answer: Answer; readonly facts: Facts }
  | { readonly state: 'not-comparable'; readonly answer: Answer; readonly why: Incomparable }
  | { readonly state: 'failed'; readonly error: unknown };

export class Ballot<Answer extends UpstreamAnswer> {
  readonly votes: Vote<Answer>[];
  readonly #policy: RrsetPolicy;
  /** `relations[a][b]`: how a stands to b; only where both have answered. */
  readonly #relations: Relation[][];
  pending: number;
  answered = 0;
  /** Two answers do not agree. */
  disagreed = false;
  /** All answers are the very same. */
  identical = true;

  constructor(upstreams: number, policy: RrsetPolicy) {
    this.votes = Array.from({ length: upstreams }, () => ({ state: 'pending' }));
    this.#relations = this.votes.map(() => []);
    this.#policy = policy;
    this.pending = upstreams;
  }

  record(index: number, vote: Vote<Answer>): void {
    this.votes[index] = vote;
    this.pending--;
    if (vote.state !== 'answered') return;
    this.answered++;
    for (const [other, each] of this.votes.entries()) {
      if (each.state === 'answered' && other !== index) this.#relate(index, vote.facts, other, each.facts);
    }
  }

  /** Whether two upstreams, both of which have answered, agree. */
  agree(a: number, b: number): boolean {
    return agrees(this.#relations[a]?.[b] ?? 'same', this.#policy);
  }

  /** How many upstreams say all that this one says, itself among them; 0 when it gave no answer. */
  supportOf(index: number): number {
    if (this.votes[index]?.state !== 'answered') return 0;
    return this.votes.filter(
      ({ state }, other) =>
        state === 'answered' && confirms(this.#relations[index]?.[other] ?? 'same', this.#policy),
    ).length;
  }

  /** The best supported answer, the first of them in the order of the upstreams; `null` when there is none. */
  best(): { readonly answer: Answer; readonly support: number } | null {
    let best: { answer: Answer; support: number } | null = null;
    for (const [index, vote] of this.votes.entries()) {
      if (vote.state !== 'answered') continue;
      const support = this.supportOf(index);
      if (best === null || support > best.support) best = { answer: vote.answer, support };
    }
    return best;
  }

  /** Whether at least two others have answered, all agree among themselves, and none with this one. */
  isOdd(index: number): boolean {
    if (this.votes[index]?.state !== 'answered') return false;
    const others = this.votes.flatMap(({ state }, other) =>
      state === 'answered' && other !== index ? [other] : [],
    );
    const [first] = others;
    if (first === undefined || others.length < 2) return false;
    return others.every((other) => this.agree(first, other) && !this.agree(index, other));
  }

  #relate(a: number, factsOfA: Facts, b: number, factsOfB: Facts): void {
    const relation = relate(factsOfA, factsOfB);
    const row = this.#relations[a];
    const mirrored = this.#relations[b];
    if (row !== undefined) row[b] = relation;
    if (mirrored !== undefined)
      mirrored[a] = relation === 'within' ? 'contains' : relation === 'contains' ? 'within' : relation;
    if (relation !== 'same') this.identical = false;
    if (!agrees(relation, this.#policy)) this.disagreed = true;
  }
}
