/** What each mode makes of the votes so far. */
import type { Ballot } from './ballot.ts';
import { AgreementError } from './errors.ts';
import type { UpstreamAnswer } from './port.ts';

/**
 * `observe`: the first answer is used at once, the comparison is made behind it. `prefer-majority`: waits until more than half
 * say the same; without a majority the first upstream of the list that answered is used. `fail`: waits for all; any
 * contradiction fails the query.
 */
export type AgreementMode = 'observe' | 'prefer-majority' | 'fail';

export const AGREEMENT_MODES: readonly AgreementMode[] = ['observe', 'prefer-majority', 'fail'];

/** `null`: wait for more. */
export type Decision<Answer> = { readonly answer: Answer } | { readonly error: unknown } | null;

/**
 * @param late the time to wait for more answers is over.
 * @param minAnswers comparable answers that the modes which wait need.
 */
export function decide<Answer extends UpstreamAnswer>(
  mode: AgreementMode,
  ballot: Ballot<Answer>,
  late: boolean,
  minAnswers: number,
): Decision<Answer> {
  const best = ballot.best();
  if (mode === 'observe') return best ?? (ballot.pending === 0 ? withoutAnswers(ballot) : null);
  if (mode === 'fail' && ballot.disagreed) return { error: disagreement(ballot) };
  const isMajority = best !== null && best.support * 2 > ballot.votes.length && best.support >= minAnswers;
  if (mode === 'prefer-majority' && isMajority) return best;
  if (ballot.pending > 0 && !(late && best !== null)) return null;
  if (best === null) return withoutAnswers(ballot);
  return ballot.answered < minAnswers ? { error: unconfirmed(ballot, minAnswers) } : best;
}

/** Nobody gave an answer that can be compared: a response such as SERVFAIL is passed on, else the first failure. */
function withoutAnswers<Answer extends UpstreamAnswer>(ballot: Ballot<Answer>): Decision<Answer> {
  for (const vote of ballot.votes) {
    if (vote.state === 'not-comparable' && vote.why.startsWith('RCODE')) return { answer: vote.answer };
  }
  for (const vote of ballot.votes) if (vote.state === 'failed') return { error: vote.error };
  return { error: unconfirmed(ballot, 1) };
}

function disagreement<Answer extends UpstreamAnswer>({ answered }: Ballot<Answer>): AgreementError {
  return new AgreementError('ERR_AGREEMENT_DISAGREEMENT', `${answered} upstreams contradict each other`);
}

function unconfirmed<Answer extends UpstreamAnswer>(
  { answered, votes }: Ballot<Answer>,
  minAnswers: number,
): AgreementError {
  return new AgreementError(
    'ERR_AGREEMENT_UNCONFIRMED',
    `${answered} of ${votes.length} upstreams gave an answer that can be compared, ${minAnswers} needed`,
    votes.find((vote) => vote.state === 'failed')?.error,
  );
}
