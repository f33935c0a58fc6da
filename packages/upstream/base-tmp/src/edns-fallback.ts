import { COUNT_OFFSET, countOf, OPCODE, type OutgoingQuery, RCODE, rcodeOf } from '@tridot/wire';

/**
 * Whether a server choked on the OPT that we, and not the client, put into the query; then it is asked again without. A
 * server that knows EDNS sends an OPT with its error: that error is about something else. RFC 6891 §6.2.2.
 */
export function refusesOurOpt(response: Buffer, query: OutgoingQuery): boolean {
  const rcode = rcodeOf(response);
  if (rcode !== RCODE.FORMERR && rcode !== RCODE.NOTIMP) return false;
  return query.optIsOurs && query.opcode === OPCODE.QUERY && countOf(response, COUNT_OFFSET.ADDITIONAL) === 0;
}
