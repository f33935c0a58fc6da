/**
 * Responses that are put away as they came, and judged when somebody asks for them first. Most new names are never asked
 * for again while their answer lasts: all that an answer to them costs is its copy and its place in the index.
 *
 *   response ──► UNREAD ──asked for──► keepable? ──► ANSWER
 *                                          └──────► gone, as if it had never come
 */
import { COUNT_OFFSET, countOf, FLAG, flagsOf, type Layout, walk } from '@tridot/wire';
import { type EntryMemory, type EntryShape, KIND } from './entry.ts';
import { hasBareOpt, keptBytes, OPT_HEADER_BYTES, shapeOf, writeKeptMessage } from './kept-message.ts';
import type { CacheLimits } from './limits.ts';
import { readUint16 } from './octets.ts';
import { OPCODE_AND_QR, type ResponseRecords } from './response-records.ts';

const RCODE_MASK = 0xf;
/** A response to a query, whole, and no error. */
const PLAIN_MASK = OPCODE_AND_QR | FLAG.TC | RCODE_MASK;

/**
 * Whether a response may be put away unread: it takes no more room once it is judged, and says of no name that it does
 * not exist.
 */
export function mayStayUnread(response: Buffer, layout: Layout): boolean {
  if ((flagsOf(response) & PLAIN_MASK) !== FLAG.QR || layout.fault !== null) return false;
  if (layout.end !== response.length || countOf(response, COUNT_OFFSET.QUESTION) !== 1) return false;
  const hasNoOptions = layout.optOffset === -1 || (layout.optEnd === layout.end && hasBareOpt(layout));
  return hasNoOptions && keptBytes(response, layout) !== 0;
}

/** The shape of a response that {@link mayStayUnread}, as large as the entry that it may become. */
export function unreadShape(response: Buffer, layout: Layout, nowSeconds: number): EntryShape {
  const records =
    countOf(response, COUNT_OFFSET.ANSWER) +
    countOf(response, COUNT_OFFSET.AUTHORITY) +
    countOf(response, COUNT_OFFSET.ADDITIONAL);
  return {
    kind: KIND.UNREAD,
    storedSeconds: nowSeconds,
    expiresSeconds: 0,
    refreshSeconds: 0,
    messageBytes: keptBytes(response, layout),
    optOffset: layout.optOffset === -1 ? 0 : layout.optOffset,
    ttlCount: layout.optOffset === -1 ? records : records - 1,
    delaySeconds: 0,
  };
}

/**
 * Judges an unread entry and makes it one that can be given.
 *
 * @returns `false` when it must not be kept. The entry is then as it was.
 */
export function settleUnread(
  memory: EntryMemory,
  at: number,
  records: ResponseRecords,
  limits: CacheLimits,
): boolean {
  const start = memory.messageAt(at);
  const bytes =
    memory.optOffset(at) === 0 ? memory.messageBytes(at) - OPT_HEADER_BYTES : memory.messageBytes(at);
  const response = memory.octets.subarray(start, start + bytes);
  const layout = walk(response);
  if (!records.read(response, layout, readUint16(response, layout.qnameEnd))) return false;
  const flags = memory.flags(at);
  const shape = shapeOf(
    records,
    layout,
    keptBytes(response, layout),
    memory.stored(at),
    records.lifetimeSeconds,
    limits,
  );
  memory.write(at, memory.size(at), memory.hash(at), flags, shape);
  writeKeptMessage(memory, at, response, layout, records, flags);
  return true;
}
