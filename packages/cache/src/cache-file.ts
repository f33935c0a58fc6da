/**
 * The cache in a file, from one run to the next:
 *
 *   "tridot-c" │ version │ saved at │ { octets, key flags, age, lifetime, message } … │ CRC-32 of all before
 *
 * The file is trusted no more than the network: every message is walked and judged again before it is kept.
 */
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { crc32 } from 'node:zlib';
import { walk } from '@tridot/wire';
import type { Cache } from './cache.ts';
import { KIND } from './entry.ts';
import { KEY_FLAG } from './key-flags.ts';
import { readInt32, readUint16, writeInt32, writeUint16 } from './octets.ts';
import { QueryKey } from './query-key.ts';

const MAGIC = Buffer.from('tridot-c', 'latin1');
/** Changes whenever the meaning of the octets does. */
const VERSION = 1;
const HEADER_BYTES = MAGIC.length + 4 + 8;
const RECORD_HEADER_BYTES = 11;
const CRC_BYTES = 4;
const CHUNK_BYTES = 1_048_576;
const OWNER_ONLY = 0o600;

/** Why a file was not read. The message is one line that names the file. */
export class CacheFileError extends Error {
  override readonly name = 'CacheFileError';
  readonly code = 'ERR_CACHE_FILE';
}

/**
 * Writes all answers into a file, in place of the one that is there; it is whole or not there at all. The names that
 * were asked for are private: only the owner may read it. Blocks, so that it shows one moment: some 100 ms for 64 MiB.
 *
 * @param wallMs the time of day, in milliseconds since 1970.
 * @returns how many answers were written.
 * @throws {CacheFileError} ERR_CACHE_FILE: it cannot be written; the old file is then as it was.
 */
export function saveCache(cache: Cache, path: string, wallMs: number = Date.now()): number {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    const count = writeDraft(cache, draft, wallMs);
    renameSync(draft, path);
    return count;
  } catch (cause) {
    if (existsSync(draft)) rmSync(draft);
    throw new CacheFileError(`cache file ${path}: cannot be written: ${reasonOf(cause)}`, { cause });
  }
}

/**
 * Fills a cache from a file. What became too old meanwhile is left out.
 *
 * @param wallMs the time of day, in milliseconds since 1970.
 * @returns how many answers were taken; `null`: there is no file.
 * @throws {CacheFileError} ERR_CACHE_FILE: it cannot be read, is damaged, is of another version or from the future.
 *   Nothing was taken from it.
 */
export function loadCache(cache: Cache, path: string, wallMs: number = Date.now()): number | null {
  const file = readWhole(path, cache.limits.maxBytes * 2);
  if (file === null) return null;
  const refuse = (why: string): never => {
    throw new CacheFileError(`cache file ${path}: ignored: ${why}`);
  };
  if (file.length < HEADER_BYTES + CRC_BYTES || !file.subarray(0, MAGIC.length).equals(MAGIC)) {
    refuse('not a cache file');
  }
  if (file.readUInt32BE(MAGIC.length) !== VERSION) refuse('of another version');
  const end = file.length - CRC_BYTES;
  if (file.readUInt32BE(end) !== crc32(file.subarray(0, end))) refuse('damaged');
  const awaySeconds = Math.ceil((wallMs - file.readDoubleBE(MAGIC.length + 4)) / 1000);
  if (!(awaySeconds >= 0)) refuse('saved in the future');
  return readAll(cache, file.subarray(HEADER_BYTES, end), awaySeconds);
}

function writeDraft(cache: Cache, draft: string, wallMs: number): number {
  const file = openSync(draft, 'wx', OWNER_ONLY);
  try {
    const count = writeAll(cache, wallMs, (chunk) => writeWhole(file, chunk));
    fsyncSync(file);
    return count;
  } finally {
    closeSync(file);
  }
}

function writeAll(cache: Cache, wallMs: number, write: (chunk: Buffer) => void): number {
  const { memory } = cache.store;
  const nowSeconds = cache.nowSeconds();
  let chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let used = 0;
  let crc = 0;
  let count = 0;
  const flush = (): void => {
    const part = chunk.subarray(0, used);
    crc = crc32(part, crc);
    write(part);
    used = 0;
  };
  MAGIC.copy(chunk);
  chunk.writeUInt32BE(VERSION, MAGIC.length);
  chunk.writeDoubleBE(wallMs, MAGIC.length + 4);
  used = HEADER_BYTES;
  cache.store.forEach((at) => {
    if (memory.kind(at) === KIND.FAILURE || !cache.settle(at)) return;
    const messageBytes = memory.messageBytes(at);
    if (used + RECORD_HEADER_BYTES + messageBytes > chunk.length) flush();
    writeUint16(chunk, used, messageBytes);
    chunk[used + 2] = memory.flags(at);
    writeInt32(chunk, used + 3, nowSeconds - memory.stored(at));
    writeInt32(chunk, used + 7, memory.expires(at) - memory.stored(at));
    const start = memory.messageAt(at);
    memory.octets.copy(chunk, used + RECORD_HEADER_BYTES, start, start + messageBytes);
    used += RECORD_HEADER_BYTES + messageBytes;
    count++;
  });
  flush();
  chunk = Buffer.alloc(CRC_BYTES);
  chunk.writeUInt32BE(crc);
  write(chunk);
  return count;
}

function readAll(cache: Cache, records: Buffer, awaySeconds: number): number {
  const key = new QueryKey(cache.key.sipHash);
  const nowSeconds = cache.nowSeconds();
  let count = 0;
  let offset = 0;
  while (offset + RECORD_HEADER_BYTES <= records.length) {
    const start = offset + RECORD_HEADER_BYTES;
    const end = start + readUint16(records, offset);
    const message = records.subarray(start, end);
    const layout = walk(message);
    const ageSeconds = readInt32(records, offset + 3) + awaySeconds;
    const lifetimeSeconds = readInt32(records, offset + 7);
    const isOver = ageSeconds >= lifetimeSeconds + cache.limits.staleSeconds;
    if (layout.fault === null && !isOver && ageSeconds >= 0) {
      key.readQuestion(message, layout.qnameEnd, (records[offset + 2] ?? 0) & ~KEY_FLAG.ANY_TYPE);
      if (cache.put(key, message, layout, nowSeconds, { ageSeconds, lifetimeSeconds })) count++;
    }
    offset = end;
  }
  return count;
}

function writeWhole(file: number, chunk: Buffer): void {
  let offset = 0;
  while (offset < chunk.length) offset += writeSync(file, chunk, offset);
}

function readWhole(path: string, maxBytes: number): Buffer | null {
  try {
    const { size } = statSync(path);
    if (size <= maxBytes) return readFileSync(path);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new CacheFileError(`cache file ${path}: ignored: ${reasonOf(cause)}`, { cause });
  }
  throw new CacheFileError(`cache file ${path}: ignored: larger than twice the cache`);
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause ? String(cause.code) : cause.message;
}
