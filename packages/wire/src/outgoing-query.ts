/** A client's query made ready for the upstream hop, and how it is written to a connection. */
import { OPCODE, OPTION } from './codes.ts';
import { copyOptEndToEnd, OPT_RDLENGTH_OFFSET, setEdnsUdpSize, writeOpt } from './edns.ts';
import { PREFIX_BYTES } from './frame.ts';
import { COUNT_OFFSET, countOf, MAX_MESSAGE_BYTES, opcodeOf, setCount } from './header.ts';
import { readUint16, writeUint16 } from './integers.ts';
import { BARE_OPT_BYTES, type Layout, OPTION_HEADER_BYTES, optionEnd } from './layout.ts';
import { removeOctets } from './remove-octets.ts';

/**
 * A query for the upstream: the options of the client's hop are removed, and OPT lies last with our own UDP size. The
 * message ID, the padding and the framing belong to the connection that sends it.
 */
export interface OutgoingQuery {
  /** Unpadded; its ID is the client's and must be replaced. May share memory with the client's query: read only. */
  readonly message: Buffer;
  /** Where the OPT record lies that ends the message; -1: nothing but the ID may change. */
  readonly optOffset: number;
  /** The client sent no OPT, so a server that refuses EDNS may be asked again without. */
  readonly optIsOurs: boolean;
  /** End of the first question's name; 12 when there is no question. */
  readonly qnameEnd: number;
  /** The question section is [12, questionEnd). */
  readonly questionEnd: number;
  /** UPDATE and unknown opcodes must never be sent twice. */
  readonly opcode: number;
}

/**
 * UDP size that we tell the upstream. Over TLS it means nothing, and a server that minds it all the same must not cut
 * the response for it (RFC 6891 §6.2.3 is about UDP).
 */
const UPSTREAM_UDP_SIZE = 65_535;

/**
 * Makes a client's query ready for the upstream hop. Signed queries stay as they are. OPT is added to queries of opcode
 * QUERY alone, since other opcodes may not be asked again when a server refuses it.
 *
 * @param layout of the query, without a fault.
 */
export function buildOutgoing(query: Buffer, layout: Layout): OutgoingQuery {
  if (layout.signed) return outgoing(query, -1, false, query, layout);
  if (layout.optOffset === -1) return withOwnOpt(query, layout);
  return layout.optEnd === layout.end ? withOptInPlace(query, layout) : withOptMoved(query, layout);
}

/** The same query without the OPT that we added to it, for a server that refuses EDNS (RFC 6891 §6.2.2). */
export function withoutOwnOpt(query: OutgoingQuery): OutgoingQuery {
  if (!query.optIsOurs) return query;
  const message = Buffer.from(query.message.subarray(0, query.optOffset));
  setCount(message, COUNT_OFFSET.ADDITIONAL, countOf(message, COUNT_OFFSET.ADDITIONAL) - 1);
  return { ...query, message, optOffset: -1, optIsOurs: false };
}

/**
 * The same query without every option of this code; the very same one when it has none. A query that must not be edited
 * keeps its options.
 */
export function withoutOption(query: OutgoingQuery, code: number): OutgoingQuery {
  const { message, optOffset } = query;
  if (optOffset === -1) return query;
  let copy: Buffer | null = null;
  let end = 0;
  for (let option = optOffset + BARE_OPT_BYTES; option < message.length; ) {
    const next = optionEnd(message, option, message.length);
    // Only an OPT of another version can be so: its options are unreadable.
    if (next < 0) return query;
    if (readUint16(message, option) === code) {
      if (copy === null) {
        copy = Buffer.from(message);
        end = option;
      }
    } else if (copy !== null) {
      end += message.copy(copy, end, option, next);
    }
    option = next;
  }
  if (copy === null) return query;
  writeUint16(copy, optOffset + OPT_RDLENGTH_OFFSET, end - optOffset - BARE_OPT_BYTES);
  return { ...query, message: copy.subarray(0, end) };
}

/**
 * Octets that {@link writeFramed} will write, length prefix included.
 *
 * @param padBlockBytes the message is padded to a multiple of this; 0: no padding.
 */
export function framedLength(query: OutgoingQuery, padBlockBytes: number): number {
  return PREFIX_BYTES + query.message.length + paddingOptionBytes(query, padBlockBytes);
}

/**
 * Writes a query as one frame: length prefix, message with its ID, padding option at the end of OPT. A query that must
 * not be edited, or whose padding would not fit into a frame, is written unpadded.
 *
 * @param target has at least {@link framedLength} octets from `offset` on.
 * @returns the offset behind the frame.
 *
 * RFC 1035 §4.2.2, RFC 7830 §3, RFC 8467 §4.1
 */
export function writeFramed(
  query: OutgoingQuery,
  target: Buffer,
  offset: number,
  messageId: number,
  padBlockBytes: number,
): number {
  const { message, optOffset } = query;
  const padding = paddingOptionBytes(query, padBlockBytes);
  const start = offset + PREFIX_BYTES;
  const paddingStart = start + message.length;
  const end = paddingStart + padding;
  writeUint16(target, offset, message.length + padding);
  target.set(message, start);
  writeUint16(target, start, messageId);
  if (padding > 0) {
    const rdlength = start + optOffset + OPT_RDLENGTH_OFFSET;
    writeUint16(target, rdlength, readUint16(target, rdlength) + padding);
    writeUint16(target, paddingStart, OPTION.PADDING);
    writeUint16(target, paddingStart + 2, padding - OPTION_HEADER_BYTES);
    target.fill(0, paddingStart + OPTION_HEADER_BYTES, end);
  }
  return end;
}

function paddingOptionBytes(query: OutgoingQuery, padBlockBytes: number): number {
  if (padBlockBytes <= 0 || query.optOffset === -1) return 0;
  const length = query.message.length;
  const padded = Math.ceil((length + OPTION_HEADER_BYTES) / padBlockBytes) * padBlockBytes;
  return padded > MAX_MESSAGE_BYTES ? 0 : padded - length;
}

function withOwnOpt(query: Buffer, layout: Layout): OutgoingQuery {
  const additional = countOf(query, COUNT_OFFSET.ADDITIONAL);
  const length = query.length + BARE_OPT_BYTES;
  const hasTrailing = query.length !== layout.end;
  const mayAdd = opcodeOf(query) === OPCODE.QUERY && !hasTrailing && additional < 0xffff;
  if (!mayAdd || length > MAX_MESSAGE_BYTES) return outgoing(query, -1, false, query, layout);
  const message = Buffer.allocUnsafe(length);
  message.set(query);
  writeOpt(message, query.length, UPSTREAM_UDP_SIZE, 0, false);
  setCount(message, COUNT_OFFSET.ADDITIONAL, additional + 1);
  return outgoing(message, query.length, true, query, layout);
}

function withOptInPlace(query: Buffer, layout: Layout): OutgoingQuery {
  const message = Buffer.allocUnsafe(query.length);
  query.copy(message, 0, 0, layout.optOffset);
  return finishWithOpt(message, layout.optOffset, query, layout, layout.optEnd);
}

/** OPT is taken out of the middle and put at the end, where padding can be appended without moving anything. */
function withOptMoved(query: Buffer, layout: Layout): OutgoingQuery {
  const message = Buffer.from(query);
  if (removeOctets(message, layout, layout.optOffset, layout.optEnd) < 0) {
    return withOptTrimmed(query, layout);
  }
  const recordsEnd = layout.end - (layout.optEnd - layout.optOffset);
  return finishWithOpt(message, recordsEnd, query, layout, layout.end);
}

/** OPT stays where it is, since an owner leads to its root label; only what belongs to the client's hop is taken out. */
function withOptTrimmed(query: Buffer, layout: Layout): OutgoingQuery {
  const message = Buffer.from(query);
  const { optOffset, optEnd } = layout;
  const keptEnd = copyOptEndToEnd(query, optOffset, optEnd, message, optOffset);
  setEdnsUdpSize(message, optOffset, UPSTREAM_UDP_SIZE);
  const length = keptEnd === optEnd ? message.length : removeOctets(message, layout, keptEnd, optEnd);
  return outgoing(message.subarray(0, length), -1, false, query, layout);
}

function finishWithOpt(
  message: Buffer,
  offset: number,
  query: Buffer,
  layout: Layout,
  trailingFrom: number,
): OutgoingQuery {
  let end = copyOptEndToEnd(query, layout.optOffset, layout.optEnd, message, offset);
  setEdnsUdpSize(message, offset, UPSTREAM_UDP_SIZE);
  const hasTrailing = trailingFrom < query.length;
  if (hasTrailing) end += query.copy(message, end, trailingFrom);
  const exact = end === message.length ? message : message.subarray(0, end);
  // Octets behind the last record go up as they came; OPT is then not at the end and is not padded.
  return outgoing(exact, hasTrailing ? -1 : offset, false, query, layout);
}

function outgoing(
  message: Buffer,
  optOffset: number,
  optIsOurs: boolean,
  query: Buffer,
  layout: Layout,
): OutgoingQuery {
  return {
    message,
    optOffset,
    optIsOurs,
    qnameEnd: layout.qnameEnd,
    questionEnd: layout.questionEnd,
    opcode: opcodeOf(query),
  };
}
