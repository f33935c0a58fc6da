/** Writes a response into its entry in the form in which it is kept: no ID, bounded TTLs, and an OPT of ours at its end. */
import { ednsForClient, type Layout, MAX_MESSAGE_BYTES, walk } from '@tridot/wire';
import { writeTtlOffsets } from './cached-reply.ts';
import type { EntryMemory, EntryShape } from './entry.ts';
import { KEY_FLAG } from './key-flags.ts';
import type { CacheLimits } from './limits.ts';
import { readTtl, readUint16, writeInt32, writeUint16 } from './octets.ts';
import { forEachExtendedError, type ResponseRecords } from './response-records.ts';

export const OPT_HEADER_BYTES = 11;
const OPT_TYPE = 41;
const OPT_FLAGS_OFFSET = 7;
const OPT_RDLENGTH_OFFSET = 9;
const DO_FLAG = 0x8000;
const ADDITIONAL_COUNT_OFFSET = 10;
/** Authoritative answer: said of a copy it is not true. */
const AA = 0x04;
const AD = 0x20;
/** Extended errors may bring text; more than this of it is not kept. */
const MAX_EXTENDED_ERROR_BYTES = 512;

/** A response whose OPT, if it has one, is its last record. */
export interface OptLast {
  readonly message: Buffer;
  readonly layout: Layout;
}

/**
 * Brings OPT out of the way so that a reply with or without one is a single piece of the message.
 *
 * @returns the response itself where nothing is to do; `null` when octets follow the last record, or when OPT cannot be
 *   taken out.
 */
export function optLast(response: Buffer, layout: Layout): OptLast | null {
  if (layout.fault !== null || layout.end !== response.length) return null;
  if (layout.optOffset === -1 || layout.optEnd === layout.end) return { message: response, layout };
  // Its extended errors are lost with it: resolvers put OPT last, so this is rare.
  const message = ednsForClient(Buffer.from(response), layout, false, false, 0);
  return message === null ? null : { message, layout: walk(message) };
}

/** Octets of the message as it is kept; 0: it would be too long. */
export function keptBytes(response: Buffer, layout: Layout): number {
  const bytes = recordsEnd(layout) + OPT_HEADER_BYTES + extendedErrorBytes(response, layout);
  return bytes > MAX_MESSAGE_BYTES ? 0 : bytes;
}

/** Where OPT will lie in the message as it is kept. */
export function recordsEnd(layout: Layout): number {
  return layout.optOffset === -1 ? layout.end : layout.optOffset;
}

/** The shape of an answer that was read just now. */
export function shapeOf(
  records: ResponseRecords,
  layout: Layout,
  messageBytes: number,
  storedSeconds: number,
  lifetimeSeconds: number,
  { prefetchPercent }: CacheLimits,
): EntryShape {
  const expiresSeconds = storedSeconds + lifetimeSeconds;
  return {
    kind: records.kind,
    storedSeconds,
    expiresSeconds,
    refreshSeconds: expiresSeconds - Math.floor((lifetimeSeconds * prefetchPercent) / 100),
    messageBytes,
    optOffset: recordsEnd(layout),
    ttlCount: records.ttlCount,
    delaySeconds: 0,
  };
}

/**
 * @param at the entry, its header written; the message has {@link keptBytes} octets.
 * @param keyFlags of the query, see {@link KEY_FLAG}.
 *
 * RFC 2181 §8, RFC 2308 §5, RFC 6840 §5.8
 */
export function writeKeptMessage(
  memory: EntryMemory,
  at: number,
  response: Buffer,
  layout: Layout,
  records: ResponseRecords,
  keyFlags: number,
): void {
  const { octets } = memory;
  const start = memory.messageAt(at);
  const optOffset = recordsEnd(layout);
  response.copy(octets, start, 0, hasBareOpt(layout) ? layout.end : optOffset);
  writeUint16(octets, start, 0);
  octets[start + 2] = (octets[start + 2] ?? 0) & ~AA;
  if ((keyFlags & KEY_FLAG.AD_WANTED) === 0) octets[start + 3] = (octets[start + 3] ?? 0) & ~AD;
  if (layout.optOffset === -1) {
    const count = start + ADDITIONAL_COUNT_OFFSET;
    writeUint16(octets, count, readUint16(octets, count) + 1);
  }
  if (records.maximumTtl > records.ttlBoundSeconds) boundTtls(octets, start, records);
  writeTtlOffsets(memory, at, records.ttlOffsets);
  writeOpt(octets, start + optOffset, response, layout, (keyFlags & KEY_FLAG.DO) !== 0);
}

function boundTtls(octets: Buffer, start: number, records: ResponseRecords): void {
  for (let i = 0; i < records.ttlCount; i++) {
    const offset = start + (records.ttlOffsets[i] ?? 0);
    writeInt32(octets, offset, Math.min(readTtl(octets, offset), records.ttlBoundSeconds));
  }
}

function writeOpt(octets: Buffer, offset: number, response: Buffer, layout: Layout, dnssecOk: boolean): void {
  writeUint16(octets, offset + OPT_FLAGS_OFFSET, dnssecOk ? DO_FLAG : 0);
  // Its size is the reply's to write, and the rest of it, as it was copied, says nothing.
  if (hasBareOpt(layout)) return;
  const errorBytes = extendedErrorBytes(response, layout);
  octets[offset] = 0;
  writeUint16(octets, offset + 1, OPT_TYPE);
  // One write each: a call of fill() takes longer than all of this function.
  writeUint16(octets, offset + 3, 0);
  writeUint16(octets, offset + 5, 0);
  writeUint16(octets, offset + OPT_RDLENGTH_OFFSET, errorBytes);
  if (errorBytes === 0) return;
  let end = offset + OPT_HEADER_BYTES;
  forEachExtendedError(response, layout, (from, to) => {
    end += response.copy(octets, end, from, to);
  });
}

/** Whether there is an OPT without options. */
export function hasBareOpt(layout: Layout): boolean {
  return layout.optOffset !== -1 && layout.optEnd - layout.optOffset === OPT_HEADER_BYTES;
}

function extendedErrorBytes(response: Buffer, layout: Layout): number {
  if (layout.optOffset === -1 || hasBareOpt(layout)) return 0;
  let bytes = 0;
  forEachExtendedError(response, layout, (from, to) => {
    bytes += to - from;
  });
  return bytes > MAX_EXTENDED_ERROR_BYTES ? 0 : bytes;
}
