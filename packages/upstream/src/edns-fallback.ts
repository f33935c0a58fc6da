import {
  COUNT_OFFSET,
  countOf,
  OPCODE,
  type OutgoingQuery,
  RCODE,
  rcodeOf,
  withoutOwnOpt,
} from '@tridot/wire';
import type { UpstreamLimits } from './limits.ts';
import type { PendingQuery } from './pending-query.ts';

/** Makes the query one without OPT if the server refused it for the OPT that we added. @returns whether to ask it again. */
export function retryWithoutOpt(
  response: Buffer,
  pending: PendingQuery,
  { maxSends }: UpstreamLimits,
): boolean {
  if (!refusesOurOpt(response, pending.query) || pending.sends >= maxSends) return false;
  pending.query = withoutOwnOpt(pending.query);
  return true;
}

/**
 * Whether a server choked on the OPT that we, and not the client, put into the query; then it is asked again without. A
 * server that knows EDNS sends an OPT with its error: that error is about something else. RFC 6891 §6.2.2.
 */
function refusesOurOpt(response: Buffer, query: OutgoingQuery): boolean {
  const rcode = rcodeOf(response);
  if (rcode !== RCODE.FORMERR && rcode !== RCODE.NOTIMP) return false;
  return query.optIsOurs && query.opcode === OPCODE.QUERY && countOf(response, COUNT_OFFSET.ADDITIONAL) === 0;
}
