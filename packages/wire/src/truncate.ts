/** Cuts a response down to what fits into a datagram. */
import { OPT_RDLENGTH_OFFSET } from './edns.ts';
import { COUNT_OFFSET, countOf, FLAG, flagsOf, HEADER_BYTES, setCount, setFlags } from './header.ts';
import { writeUint16 } from './integers.ts';
import { BARE_OPT_BYTES, type Layout, recordEnd, recordFixed } from './layout.ts';

/**
 * Cuts a response to at most `limitBytes`, in place: header, question, as many whole records from the first on as fit,
 * and OPT if there is one, without its options should they leave no room for the question. TC becomes 1, the counts say
 * what is there, all other flags and the rcode stay. Resolvers that never ask again over TCP (musl before 1.2.4) live on
 * the records that are kept. Records behind an OPT that is not last are not kept.
 *
 * @param message a response of which `layout` has no fault.
 * @param limitBytes at least 512.
 *
 * RFC 1035 §4.1.1, RFC 2181 §9, RFC 6891 §7
 */
export function truncate(message: Buffer, layout: Layout, limitBytes: number): Buffer {
  const { optOffset, optEnd } = layout;
  const hasOpt = optOffset !== -1;
  const keepsQuestion = layout.questionEnd + (hasOpt ? BARE_OPT_BYTES : 0) <= limitBytes;
  const start = keepsQuestion ? layout.questionEnd : HEADER_BYTES;
  const keepsOptions = hasOpt && start + optEnd - optOffset <= limitBytes;
  const optBytes = hasOpt ? (keepsOptions ? optEnd - optOffset : BARE_OPT_BYTES) : 0;

  let end = start;
  let kept = 0;
  if (keepsQuestion) {
    const recordsEnd = hasOpt ? optOffset : layout.end;
    while (end < recordsEnd) {
      const next = recordEnd(message, recordFixed(message, end));
      if (next + optBytes > limitBytes) break;
      end = next;
      kept++;
    }
  } else {
    setCount(message, COUNT_OFFSET.QUESTION, 0);
  }
  setRecordCounts(message, kept, hasOpt);
  setFlags(message, flagsOf(message) | FLAG.TC);
  if (hasOpt) {
    message.copyWithin(end, optOffset, optOffset + optBytes);
    if (!keepsOptions) writeUint16(message, end + OPT_RDLENGTH_OFFSET, 0);
  }
  return message.subarray(0, end + optBytes);
}

function setRecordCounts(message: Buffer, kept: number, hasOpt: boolean): void {
  const answers = Math.min(kept, countOf(message, COUNT_OFFSET.ANSWER));
  const authorities = Math.min(kept - answers, countOf(message, COUNT_OFFSET.AUTHORITY));
  setCount(message, COUNT_OFFSET.ANSWER, answers);
  setCount(message, COUNT_OFFSET.AUTHORITY, authorities);
  setCount(message, COUNT_OFFSET.ADDITIONAL, kept - answers - authorities + (hasOpt ? 1 : 0));
}
