/** Which queries go upstream, and what the others are told. */
import {
  COUNT_OFFSET,
  countOf,
  EDE,
  ednsVersion,
  type Layout,
  NO_EDE,
  OPCODE,
  opcodeOf,
  qtypeOf,
  RCODE,
  TYPE,
} from '@tridot/wire';

/** Why a query is not forwarded. */
export interface Rejection {
  readonly rcode: number;
  /** Info code of RFC 8914, or `NO_EDE`. */
  readonly ede: number;
}

const MALFORMED: Rejection = { rcode: RCODE.FORMERR, ede: NO_EDE };
const UNKNOWN_VERSION: Rejection = { rcode: RCODE.BADVERS, ede: NO_EDE };
const NOT_SUPPORTED: Rejection = { rcode: RCODE.NOTIMP, ede: EDE.NOT_SUPPORTED };

/**
 * Judges a query of at least twelve octets with QR 0. All that is well-formed goes through, whatever its opcode, flags,
 * types and classes (RFC 5625 §4), except what cannot be forwarded over a connection that many clients share.
 *
 * @returns `null`: forward it.
 */
export function reject(query: Buffer, layout: Layout): Rejection | null {
  const opcode = opcodeOf(query);
  // "DSO messages MUST NOT be forwarded": a session belongs to one connection (RFC 8490 §9.4).
  if (opcode === OPCODE.DSO) return NOT_SUPPORTED;
  if (layout.fault !== null) return MALFORMED;
  if (layout.optOffset !== -1 && ednsVersion(query, layout) !== 0) return UNKNOWN_VERSION;
  if (opcode === OPCODE.QUERY) {
    // Only opcode 0 has this rule, and a query without a question is not malformed (RFC 9619 §4).
    if (countOf(query, COUNT_OFFSET.QUESTION) > 1) return MALFORMED;
    // A zone transfer is many messages with one ID, which cannot be told apart on a shared connection (RFC 5936 §2.2).
    const qtype = qtypeOf(query, layout);
    if (qtype === TYPE.AXFR || qtype === TYPE.IXFR) return NOT_SUPPORTED;
  }
  return null;
}
