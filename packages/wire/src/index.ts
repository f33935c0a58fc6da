/**
 * Pure functions over the bytes of one DNS message. No I/O, no dependency, no decoding: a message is walked once to find
 * where things lie, then read and changed at those offsets.
 *
 *   query ──► walk ──► buildOutgoing ──► writeFramed ──► (TLS)
 *   reply ◄── truncate ◄── ednsForClient ◄── walk ◄── FrameParser ◄── (TLS)
 */
export { EDE, OPCODE, OPTION, RCODE, TYPE } from './codes.ts';
export { ednsDo, ednsUdpSize, ednsVersion, extendedRcodeOf, forEachOption, setEdnsUdpSize } from './edns.ts';
export { errorReply, NO_EDE } from './error-reply.ts';
export { FrameParser, frame, MessageTooLongError, PREFIX_BYTES } from './frame.ts';
export {
  COUNT_OFFSET,
  countOf,
  FLAG,
  flagsOf,
  HEADER_BYTES,
  isResponse,
  isTruncated,
  MAX_MESSAGE_BYTES,
  messageId,
  opcodeOf,
  rcodeOf,
  setMessageId,
} from './header.ts';
export { type Fault, type Layout, walk } from './layout.ts';
export {
  buildOutgoing,
  framedLength,
  type OutgoingQuery,
  withoutOption,
  withoutOwnOpt,
  writeFramed,
} from './outgoing-query.ts';
export { answersQuestion, qclassOf, qtypeOf, restoreQuestion } from './question.ts';
export { ednsForClient } from './response-edns.ts';
export { truncate } from './truncate.ts';
export { ageTtls, minimumTtlSeconds, ttlOffsets } from './ttl.ts';
