/** Makes one client's reply from an entry: one copy, then this query's own octets written over it. */
import type { Layout } from '@tridot/wire';
import { type EntryMemory, KIND } from './entry.ts';
import { readTtl, readUint16, writeInt32, writeUint16 } from './octets.ts';

const HEADER_BYTES = 12;
const ADDITIONAL_COUNT_OFFSET = 10;
const RD = 0x01;
const CD = 0x10;
const OPT_CLASS_OFFSET = 3;
const OPT_RDLENGTH_OFFSET = 9;
const EXTENDED_ERROR = 15;
/** Option code, option length, info code. */
const EXTENDED_ERROR_BYTES = 6;
/** "Stale Answer" and "Stale NXDOMAIN Answer" (RFC 8914 §4.4, §4.20). */
const EDE_STALE_ANSWER = 3;
const EDE_STALE_NXDOMAIN = 19;

/**
 * @param at an entry with a message.
 * @param query with its layout: its ID, RD, CD and question go into the reply, and an OPT only if it has one.
 * @param elapsedSeconds taken off every TTL.
 * @param udpSize UDP payload size that we tell the client.
 *
 * RFC 1035 §7.3, RFC 6891 §6.1.1, §7
 */
export function cachedReply(
  memory: EntryMemory,
  at: number,
  query: Buffer,
  layout: Layout,
  elapsedSeconds: number,
  udpSize: number,
): Buffer {
  const reply = copyFor(memory, at, query, layout, udpSize, 0);
  const { words } = memory;
  const count = memory.ttlCount(at);
  let word = memory.ttlsAt(at);
  // Two offsets lie in each word, in the order in which `writeTtlOffsets` put them there.
  for (let i = 0; i < count; i += 2) {
    const pair = words[word++] ?? 0;
    age(reply, pair & 0xffff, elapsedSeconds);
    if (i + 1 < count) age(reply, pair >>> 16, elapsedSeconds);
  }
  return reply;
}

/**
 * The same for an entry whose TTL ran out: every TTL becomes `ttlSeconds`, and OPT says that the answer is stale.
 *
 * RFC 8767 §4, RFC 8914 §4.4 and §4.20
 */
export function staleReply(
  memory: EntryMemory,
  at: number,
  query: Buffer,
  layout: Layout,
  ttlSeconds: number,
  udpSize: number,
): Buffer {
  const hasOpt = layout.optOffset !== -1;
  const extraBytes = hasOpt ? EXTENDED_ERROR_BYTES : 0;
  const reply = copyFor(memory, at, query, layout, udpSize, extraBytes);
  const count = memory.ttlCount(at);
  for (let i = 0; i < count; i++) writeInt32(reply, ttlOffsetAt(memory, at, i), ttlSeconds);
  if (hasOpt) {
    const rdlength = memory.optOffset(at) + OPT_RDLENGTH_OFFSET;
    const option = reply.length - EXTENDED_ERROR_BYTES;
    writeUint16(reply, rdlength, readUint16(reply, rdlength) + EXTENDED_ERROR_BYTES);
    writeUint16(reply, option, EXTENDED_ERROR);
    writeUint16(reply, option + 2, EXTENDED_ERROR_BYTES - 4);
    const isNxdomain = memory.kind(at) === KIND.NXDOMAIN;
    writeUint16(reply, option + 4, isNxdomain ? EDE_STALE_NXDOMAIN : EDE_STALE_ANSWER);
  }
  return reply;
}

/** Keeps where an entry's TTLs lie, two in each word. */
export function writeTtlOffsets(memory: EntryMemory, at: number, offsets: Uint16Array): void {
  const count = memory.ttlCount(at);
  let word = memory.ttlsAt(at);
  for (let i = 0; i < count; i += 2) {
    memory.words[word++] = (offsets[i] ?? 0) | (i + 1 < count ? (offsets[i + 1] ?? 0) << 16 : 0);
  }
}

function ttlOffsetAt(memory: EntryMemory, at: number, index: number): number {
  const pair = memory.words[memory.ttlsAt(at) + (index >>> 1)] ?? 0;
  return (index & 1) === 0 ? pair & 0xffff : pair >>> 16;
}

function copyFor(
  memory: EntryMemory,
  at: number,
  query: Buffer,
  layout: Layout,
  udpSize: number,
  extraBytes: number,
): Buffer {
  const optOffset = memory.optOffset(at);
  const hasOpt = layout.optOffset !== -1;
  const length = hasOpt ? memory.messageBytes(at) : optOffset;
  const start = memory.messageAt(at);
  const reply = Buffer.allocUnsafe(length + extraBytes);
  memory.octets.copy(reply, 0, start, start + length);
  reply[0] = query[0] ?? 0;
  reply[1] = query[1] ?? 0;
  reply[2] = ((reply[2] ?? 0) & ~RD) | ((query[2] ?? 0) & RD);
  reply[3] = ((reply[3] ?? 0) & ~CD) | ((query[3] ?? 0) & CD);
  const { questionEnd } = layout;
  for (let i = HEADER_BYTES; i < questionEnd; i++) reply[i] = query[i] ?? 0;
  if (hasOpt) writeUint16(reply, optOffset + OPT_CLASS_OFFSET, udpSize);
  else writeUint16(reply, ADDITIONAL_COUNT_OFFSET, readUint16(reply, ADDITIONAL_COUNT_OFFSET) - 1);
  return reply;
}

function age(reply: Buffer, offset: number, elapsedSeconds: number): void {
  writeInt32(reply, offset, Math.max(0, readTtl(reply, offset) - elapsedSeconds));
}
