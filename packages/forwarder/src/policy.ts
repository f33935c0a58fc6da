/** What may be answered before anything is looked up: special names, local records, block lists. */
import type { Layout } from '@tridot/wire';

export interface Policy {
  /**
   * Answers a well-formed query of opcode QUERY, or leaves it to others. The reply has the query's ID, question and EDNS;
   * for a UDP client it is cut to length by the forwarder. Must not throw, and must not keep the query.
   *
   * @returns `null`: this query is not ours.
   */
  answer(query: Buffer, layout: Layout): Buffer | null;
}
