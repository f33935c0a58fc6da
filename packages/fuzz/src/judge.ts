/** What has to hold for each reply, whatever the others say. Reads messages with the test bed's parser, not with our own. */
import { HEADER_BYTES, OPTION, opcodeOf, questionEnd, rcodeOf, TYPE } from '@tridot/testbed';
import type { Batch, Stream } from './batch.ts';
import { framesIn } from './cutting.ts';
import { judgeFaith, judgeUpward } from './judge-faith.ts';
import { idOf, withId } from './message-id.ts';
import type { Outcome, StreamOutcome } from './outcome.ts';
import { additionalOpt, hasTrueCounts, holdsType, isSigned, optionCodes } from './reading.ts';

/** Longest reply over UDP (RFC 1035 §4.2.1), and what we allow ourselves with EDNS (RFC 9715). */
const PLAIN_UDP_BYTES = 512;
const EDNS_UDP_BYTES = 1_232;
/** RFC 8467 §4.1, and the longest message that has room for it. */
const PADDING_BLOCK_BYTES = 128;
const MAX_PADDED_BYTES = 65_408;
/** An OPT without options, and an extended error in it. */
const ERROR_EXTRA_BYTES = 11 + 6;
const NO_OCTETS = Buffer.alloc(0);
const FORMERR = 1;
const NOTIMP = 4;
const PER_HOP: readonly number[] = [OPTION.COOKIE, OPTION.KEEPALIVE, OPTION.PADDING];

/** @returns the first thing that does not hold, in words; null: all does. */
export function judge(batch: Batch, outcome: Outcome): string | null {
  if (outcome.stray.length > 0) return `a reply to nothing: ${outcome.stray[0]?.toString('hex')}`;
  for (const [index, query] of batch.datagrams.entries()) {
    const wrong = judgeDatagram(withId(query, index), outcome.datagrams[index] ?? [], batch);
    if (wrong !== null) return `datagram ${index}: ${wrong}`;
  }
  for (const [index, stream] of batch.streams.entries()) {
    const played = outcome.streams[index];
    const wrong = played === undefined ? 'not tried' : judgeStream(stream, played, batch);
    if (wrong !== null) return `stream ${index}: ${wrong}`;
  }
  for (const query of outcome.seen) {
    const wrong = judgeSeen(query);
    if (wrong !== null) return `the upstream was asked ${wrong}: ${hex(query)}`;
  }
  // What is remembered has grown older, and was said to somebody else.
  return batch.setting === 'remembering' ? null : (judgeFaith(batch, outcome) ?? judgeUpward(batch, outcome));
}

/** Whether the octets are a query at all; nothing else may be answered. */
export function isQuery(message: Buffer): boolean {
  return message.length >= HEADER_BYTES && ((message[2] ?? 0) & 0x80) === 0;
}

function judgeDatagram(query: Buffer, replies: readonly Buffer[], batch: Batch): string | null {
  const [reply] = replies;
  if (!isQuery(query)) return reply === undefined ? null : `answered what is no query: ${hex(reply)}`;
  if (reply === undefined) return 'no reply';
  if (replies.length > 1) return `${replies.length} replies`;
  if (reply.length > udpLimit(query)) return `${reply.length} octets, more than the client can take`;
  return judgeReply(query, reply, batch);
}

/** Queries of a stream that are answered in any case: those before the frame that ends the connection. */
export function owedQueries(stream: Stream): Buffer[] {
  const { messages } = framesIn(Buffer.concat(stream.chunks));
  const firstBad = messages.findIndex((message) => !isQuery(message));
  return firstBad < 0 ? messages : messages.slice(0, firstBad);
}

/** Every query before the one that ends the connection is answered, and none more often than it was asked. */
function judgeStream(stream: Stream, played: StreamOutcome, batch: Batch): string | null {
  if (stream.ending === 'reset') return null;
  if (played.rest.length > 0) return `the replies end within a frame: ${hex(played.rest)}`;
  if (played.end !== 'fin') return `the connection ended by ${played.end}`;
  const owed = owedQueries(stream);
  if (played.replies.length < owed.length) {
    return `${played.replies.length} replies to ${owed.length} queries`;
  }
  const queries = framesIn(Buffer.concat(stream.chunks)).messages.filter(isQuery);
  for (const id of new Set(played.replies.map(idOf))) {
    const asked = queries.filter((query) => idOf(query) === id);
    const replies = played.replies.filter((reply) => idOf(reply) === id);
    if (replies.length > asked.length) return `a reply to nothing: ${hex(replies.at(-1) ?? NO_OCTETS)}`;
    // Of several queries with one ID it is not known which is answered.
    const [query, another] = asked;
    const [reply] = replies;
    if (query === undefined || another !== undefined || reply === undefined) continue;
    const wrong = judgeReply(query, reply, batch);
    if (wrong !== null) return wrong;
  }
  return null;
}

function judgeReply(query: Buffer, reply: Buffer, batch: Batch): string | null {
  if (reply.length < HEADER_BYTES) return `a reply of ${reply.length} octets`;
  if (idOf(reply) !== idOf(query)) return 'another ID';
  if (((reply[2] ?? 0) & 0x80) === 0) return `not a response: ${hex(reply)}`;
  if (opcodeOf(reply) !== opcodeOf(query)) return 'another opcode';
  if (reply.readUInt16BE(4) === 1 && !questionOf(reply).equals(questionOf(query))) return 'another question';
  if (!hasTrueCounts(reply)) return `its counts are not true: ${hex(reply)}`;
  // Of a signed exchange only the ID may change.
  const signed = isSigned(query);
  if (!signed && !holdsType(query, [TYPE.OPT]) && additionalOpt(reply) !== undefined)
    return 'an OPT nobody sent';
  if (!signed && optionCodes(reply).some((code) => PER_HOP.includes(code))) {
    return `an option of the other hop: ${hex(reply)}`;
  }
  const isOurError = batch.answers.length === 0 && [FORMERR, NOTIMP].includes(rcodeOf(reply));
  if (isOurError && reply.length > query.length + ERROR_EXTRA_BYTES) return 'an error longer than its query';
  return null;
}

/** Nothing but sound queries goes up, without what belongs to the client's hop, and padded where that is possible. */
function judgeSeen(query: Buffer): string | null {
  if (!isQuery(query)) return 'what is no query';
  if (!hasTrueCounts(query)) return 'with untrue counts';
  const opt = additionalOpt(query);
  if (opt === undefined || isSigned(query)) return null;
  const codes = optionCodes(query);
  if (codes.includes(OPTION.COOKIE) || codes.includes(OPTION.KEEPALIVE))
    return 'with an option of the other hop';
  const paddings = codes.filter((code) => code === OPTION.PADDING).length;
  if (paddings > 1) return 'with two paddings';
  // Octets behind the last record, and a message that is full, leave no place for padding.
  const mayBePadded = opt.end === query.length && query.length <= MAX_PADDED_BYTES;
  return mayBePadded && query.length % PADDING_BLOCK_BYTES !== 0 ? 'without padding' : null;
}

function udpLimit(query: Buffer): number {
  const opt = additionalOpt(query);
  if (opt === undefined) return holdsType(query, [TYPE.OPT]) ? EDNS_UDP_BYTES : PLAIN_UDP_BYTES;
  const size = query.readUInt16BE(opt.rdataStart - 8);
  return Math.min(EDNS_UDP_BYTES, Math.max(PLAIN_UDP_BYTES, size));
}

function questionOf(message: Buffer): Buffer {
  return message.subarray(HEADER_BYTES, Math.max(HEADER_BYTES, questionEnd(message)));
}

function hex(octets: Buffer): string {
  return octets.toString('hex', 0, 200);
}
