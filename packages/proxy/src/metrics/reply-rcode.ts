import type { Reply } from '@tridot/listener';
import { COUNT_OFFSET, countOf, extendedRcodeOf, HEADER_BYTES, rcodeOf, walk } from '@tridot/wire';

/** An OPT record without options. */
const BARE_OPT_BYTES = 11;
const OPT_TYPE = 41;
const TYPE_OFFSET = 2;
const EXTENDED_RCODE_OFFSET = 5;
const RDLENGTH_LOW_OFFSET = 10;

/** The rcode of a reply, with the bits that its OPT adds (RFC 6891 §6.1.3); -1 when there is no reply. */
export function rcodeOfReply(reply: Reply): number {
  if (!Buffer.isBuffer(reply) || reply.length < HEADER_BYTES) return -1;
  if (countOf(reply, COUNT_OFFSET.ADDITIONAL) === 0) return rcodeOf(reply);
  // Nearly always OPT is bare and last, and then needs no walk through the message.
  const opt = reply.length - BARE_OPT_BYTES;
  if (
    opt >= HEADER_BYTES &&
    reply[opt] === 0 &&
    reply[opt + TYPE_OFFSET] === OPT_TYPE &&
    reply[opt + TYPE_OFFSET - 1] === 0 &&
    reply[opt + RDLENGTH_LOW_OFFSET] === 0 &&
    reply[opt + RDLENGTH_LOW_OFFSET - 1] === 0
  ) {
    return ((reply[opt + EXTENDED_RCODE_OFFSET] ?? 0) << 4) | rcodeOf(reply);
  }
  return extendedRcodeOf(reply, walk(reply));
}
