/** One query on its way to several upstreams. */
import { HEADER_BYTES, type OutgoingQuery } from '@tridot/wire';
import { Ballot, type Vote } from './ballot.ts';
import { type AgreementMode, type Decision, decide } from './decide.ts';
import { nameText, recordCounts, recordDetails } from './describe.ts';
import { factsOf } from './facts.ts';
import type { ComparedAnswer, Comparison, Outcome } from './observer.ts';
import type { AskingUpstream, UpstreamAnswer } from './port.ts';
import type { RdataPolicy } from './rdata.ts';
import type { RrsetPolicy } from './relation.ts';

/** What all comparisons of one agreement have in common. */
export interface ComparingRules<Answer extends UpstreamAnswer> {
  readonly upstreams: readonly AskingUpstream<Answer>[];
  readonly mode: AgreementMode;
  readonly rrsets: RrsetPolicy;
  readonly rdata: RdataPolicy;
  readonly minAnswers: number;
  readonly tellNames: boolean;
  /** All have answered, or those that have not are waited for no more. */
  readonly onDone: (comparing: Comparing<Answer>, comparison: Comparison) => void;
}

export class Comparing<Answer extends UpstreamAnswer> {
  readonly deadlineMs: number;
  readonly #rules: ComparingRules<Answer>;
  readonly #query: OutgoingQuery;
  readonly #qtype: number;
  readonly #ballot: Ballot<Answer>;
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: unknown) => void;
  #late = false;
  #decided = false;
  #reported = false;
  #served: string | null = null;

  constructor(
    rules: ComparingRules<Answer>,
    query: OutgoingQuery,
    deadlineMs: number,
    resolve: (answer: Answer) => void,
    reject: (error: unknown) => void,
  ) {
    this.deadlineMs = deadlineMs;
    this.#rules = rules;
    this.#query = query;
    this.#qtype = query.message.readUInt16BE(query.qnameEnd);
    this.#ballot = new Ballot(rules.upstreams.length, rules.rrsets);
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    for (const [index, upstream] of this.#rules.upstreams.entries()) {
      upstream.ask(this.#query).then(
        (answer) => this.#record(index, this.#voteOf(answer)),
        (error: unknown) => this.#record(index, { state: 'failed', error }),
      );
    }
  }

  expire(): void {
    this.#late = true;
    this.#proceed();
  }

  /** Read before anybody owns the message, and changes it. */
  #voteOf(answer: Answer): Vote<Answer> {
    const facts = factsOf(answer.message, this.#qtype, this.#rules.rdata);
    return typeof facts === 'string'
      ? { state: 'not-comparable', answer, why: facts }
      : { state: 'answered', answer, facts };
  }

  #record(index: number, vote: Vote<Answer>): void {
    // What comes after the report is nobody's business any more.
    if (this.#reported) return;
    this.#ballot.record(index, vote);
    this.#proceed();
  }

  #proceed(): void {
    if (!this.#decided) {
      const { mode, minAnswers } = this.#rules;
      this.#settle(decide(mode, this.#ballot, this.#late, minAnswers));
    }
    if (!this.#decided || this.#reported) return;
    if (this.#ballot.pending > 0 && !this.#late) return;
    this.#reported = true;
    this.#rules.onDone(this, this.#comparison());
  }

  #settle(decision: Decision<Answer>): void {
    if (decision === null) return;
    this.#decided = true;
    if ('answer' in decision) {
      const index = this.#ballot.votes.findIndex(
        (vote) => 'answer' in vote && vote.answer === decision.answer,
      );
      this.#served = this.#rules.upstreams[index]?.name ?? null;
      this.#resolve(decision.answer);
    } else {
      this.#reject(decision.error);
    }
  }

  #comparison(): Comparison {
    const { message, qnameEnd } = this.#query;
    return {
      outcome: this.#outcome(),
      qtype: this.#qtype,
      qclass: message.readUInt16BE(qnameEnd + 2),
      served: this.#served,
      answers: this.#rules.upstreams.map(({ name }, index) => this.#comparedAnswer(name, index)),
      ...(this.#rules.tellNames ? { qname: nameText(message, HEADER_BYTES, qnameEnd) } : {}),
    };
  }

  #outcome(): Outcome {
    const { answered, disagreed, identical } = this.#ballot;
    if (answered < 2) return 'unconfirmed';
    if (disagreed) return 'disagreed';
    return identical ? 'agreed' : 'agreed-in-part';
  }

  #comparedAnswer(upstream: string, index: number): ComparedAnswer {
    const vote = this.#ballot.votes[index] ?? { state: 'pending' };
    const { state } = vote;
    if (state !== 'answered') {
      const verdict = state === 'not-comparable' ? vote.why : '';
      return { upstream, state, verdict, records: '', odd: false };
    }
    return {
      upstream,
      state,
      verdict: vote.facts.verdict,
      records: recordCounts(vote.facts),
      odd: this.#ballot.isOdd(index),
      ...(this.#rules.tellNames ? { details: recordDetails(vote.facts) } : {}),
    };
  }
}
