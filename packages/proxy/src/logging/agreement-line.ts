import type { ComparedAnswer, Comparison } from '@tridot/agreement';
import { presentType } from './presentation.ts';

/** One line about upstreams that do not agree. It names what was asked only where the settings allow that. */
export function disagreementLine({ qname, qtype, answers, served }: Comparison): string {
  const about = qname === undefined ? `type ${presentType(qtype)}` : `${qname} ${presentType(qtype)}`;
  const used = served === null ? 'the query failed' : `${served} was used`;
  return `upstreams disagree about ${about}: ${answers.map(spoken).join('; ')}; ${used}`;
}

function spoken({ upstream, state, verdict, records, odd, details }: ComparedAnswer): string {
  const what = verdict === '' ? state : [verdict, records].filter((text) => text !== '').join(' ');
  const told = details === undefined || details.length === 0 ? '' : ` (${details.join(', ')})`;
  return `${upstream} ${what}${told}${odd ? ', alone' : ''}`;
}
