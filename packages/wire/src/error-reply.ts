/** Error replies of our own. */
import { EDE, OPTION, RCODE } from './codes.ts';
import { ednsDo, OPT_RDLENGTH_OFFSET, writeOpt } from './edns.ts';
import {
  COUNT_OFFSET,
  countOf,
  FLAG,
  flagsOf,
  HEADER_BYTES,
  messageId,
  setCount,
  setFlags,
  setMessageId,
} from './header.ts';
import { writeUint16 } from './integers.ts';
import { BARE_OPT_BYTES, type Layout, OPTION_HEADER_BYTES } from './layout.ts';

/** Info code of an extended error, without text. */
const EDE_BYTES = OPTION_HEADER_BYTES + 2;

/** What an error reply keeps of the query's flags word: opcode, RD and CD. */
const COPIED_FLAGS = 0x7800 | FLAG.RD | FLAG.CD;

/** No extended error. */
export const NO_EDE = -1;

/**
 * Makes an error reply of ours to a query of at least twelve octets, well-formed or not. ID, opcode, RD and CD are the
 * query's; QR and RA are 1, all other flags 0. The question is repeated when there is one that can be read, and an OPT
 * record is there if the query had one, with DO copied and, if asked for, an extended error.
 *
 * @param rcode 0 to 4095. Above 15 it needs an OPT; without one the reply says SERVFAIL.
 * @param ede info code of RFC 8914, or {@link NO_EDE}.
 * @param udpSize UDP payload size that we tell the client.
 *
 * RFC 1035 §4.1.1, RFC 3225 §3, RFC 6891 §7, RFC 8914 §2
 */
export function errorReply(
  query: Buffer,
  layout: Layout,
  rcode: number,
  ede: number,
  udpSize: number,
): Buffer {
  const hasOpt = layout.optOffset !== -1;
  const hasEde = hasOpt && ede >= EDE.OTHER;
  const hasQuestion = countOf(query, COUNT_OFFSET.QUESTION) === 1 && layout.questionEnd > HEADER_BYTES;
  const questionEnd = hasQuestion ? layout.questionEnd : HEADER_BYTES;
  const reply = Buffer.alloc(questionEnd + (hasOpt ? BARE_OPT_BYTES : 0) + (hasEde ? EDE_BYTES : 0));
  if (hasQuestion) query.copy(reply, HEADER_BYTES, HEADER_BYTES, questionEnd);
  setMessageId(reply, messageId(query));
  const shown = rcode > 0xf && !hasOpt ? RCODE.SERVFAIL : rcode;
  setFlags(reply, FLAG.QR | FLAG.RA | (flagsOf(query) & COPIED_FLAGS) | (shown & 0xf));
  setCount(reply, COUNT_OFFSET.QUESTION, hasQuestion ? 1 : 0);
  if (hasOpt) {
    setCount(reply, COUNT_OFFSET.ADDITIONAL, 1);
    const option = writeOpt(reply, questionEnd, udpSize, shown >>> 4, ednsDo(query, layout));
    if (hasEde) {
      writeUint16(reply, questionEnd + OPT_RDLENGTH_OFFSET, EDE_BYTES);
      writeUint16(reply, option, OPTION.EXTENDED_ERROR);
      writeUint16(reply, option + 2, EDE_BYTES - OPTION_HEADER_BYTES);
      writeUint16(reply, option + OPTION_HEADER_BYTES, ede);
    }
  }
  return reply;
}
