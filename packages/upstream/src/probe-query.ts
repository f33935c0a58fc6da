import { buildOutgoing, type OutgoingQuery, walk } from '@tridot/wire';
import { PendingQuery } from './pending-query.ts';

/** `. NS IN` with RD: every resolver has the answer at hand. */
const QUERY = Buffer.from([0, 0, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1]);
const OUTGOING: OutgoingQuery = buildOutgoing(QUERY, walk(QUERY));

/** It is in no deadline queue; its connection's own watch ends the wait. */
const NO_TIMEOUT_MS = 0;

/** A query of our own that tells whether a server answers at all. Nobody waits for it. */
export function createProbeQuery(nowMs: number): PendingQuery {
  const nobody = (): void => {};
  return new PendingQuery(OUTGOING, nowMs, NO_TIMEOUT_MS, nobody, nobody);
}
