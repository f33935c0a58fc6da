/**
 * Reads a message without losing anything: names stay octets, RDATA stays opaque. Whatever does not parse by its own
 * counts is an error, so reading a reply also proves that it is well-formed.
 */
import { FLAG, TYPE } from './numbers.ts';

export interface ReadQuestion {
  /** Decompressed, case kept. */
  readonly name: Buffer;
  readonly type: number;
  readonly class: number;
}

export interface ReadRecord {
  readonly owner: Buffer;
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  readonly rdata: Buffer;
}

export interface ReadOpt {
  readonly udpSize: number;
  readonly extendedRcode: number;
  readonly version: number;
  readonly dnssecOk: boolean;
  readonly z: number;
  readonly options: readonly { readonly code: number; readonly data: Buffer }[];
}

export interface ReadMessage extends ReadHeader {
  readonly bytes: Buffer;
  /** With the OPT's upper eight bits. */
  readonly rcode: number;
  readonly questions: readonly ReadQuestion[];
  /** The question section as it was sent. */
  readonly questionBytes: Buffer;
  readonly answers: readonly ReadRecord[];
  readonly authorities: readonly ReadRecord[];
  readonly additionals: readonly ReadRecord[];
  /** The first OPT of the additional section. */
  readonly opt: ReadOpt | undefined;
  /** Octets behind the last counted record. */
  readonly tail: Buffer;
}

/** What every message has, however broken the rest is. */
export interface ReadHeader {
  readonly id: number;
  /** The second 16 bits without opcode and rcode. */
  readonly flags: number;
  readonly opcode: number;
  /** The lower four bits. */
  readonly rcode: number;
}

/** @throws {Error} when there are fewer than 12 octets. */
export function readHeader(bytes: Buffer): ReadHeader {
  if (bytes.length < 12) throw new Error(`a message of ${bytes.length} octets has no header`);
  const second = bytes.readUInt16BE(2);
  return {
    id: bytes.readUInt16BE(0),
    flags: second & 0x87f0,
    opcode: (second >> 11) & 15,
    rcode: second & 15,
  };
}

/** @throws {Error} when the message does not hold what its counts and lengths say. */
export function read(bytes: Buffer): ReadMessage {
  const header = readHeader(bytes);
  const cursor = { bytes, offset: 12 };
  const questions = times(bytes.readUInt16BE(4), () => readQuestion(cursor));
  const questionBytes = bytes.subarray(12, cursor.offset);
  const answers = times(bytes.readUInt16BE(6), () => readRecord(cursor));
  const authorities = times(bytes.readUInt16BE(8), () => readRecord(cursor));
  const additionals = times(bytes.readUInt16BE(10), () => readRecord(cursor));
  const optRecord = additionals.find((each) => each.type === TYPE.OPT);
  const opt = optRecord === undefined ? undefined : readOpt(optRecord);
  return {
    ...header,
    bytes,
    rcode: header.rcode | ((opt?.extendedRcode ?? 0) << 4),
    questions,
    questionBytes,
    answers,
    authorities,
    additionals,
    opt,
    tail: bytes.subarray(cursor.offset),
  };
}

export function hasFlag(message: Pick<ReadHeader, 'flags'>, flag: keyof typeof FLAG): boolean {
  return (message.flags & FLAG[flag]) !== 0;
}

export function optionsOf(message: ReadMessage, code: number): readonly Buffer[] {
  return (message.opt?.options ?? []).filter((each) => each.code === code).map((each) => each.data);
}

/** The message without OPT: what must be equal on both hops. Names of owners are decompressed. */
export function withoutOpt({ flags, opcode, rcode, questionBytes, ...rest }: ReadMessage): unknown {
  const additionals = rest.additionals.filter((each) => each.type !== TYPE.OPT);
  return {
    flags,
    opcode,
    rcode,
    questionBytes,
    answers: rest.answers,
    authorities: rest.authorities,
    additionals,
  };
}

interface Cursor {
  readonly bytes: Buffer;
  offset: number;
}

function readQuestion(cursor: Cursor): ReadQuestion {
  const name = readName(cursor);
  const fixed = take(cursor, 4);
  return { name, type: fixed.readUInt16BE(0), class: fixed.readUInt16BE(2) };
}

function readRecord(cursor: Cursor): ReadRecord {
  const owner = readName(cursor);
  const fixed = take(cursor, 10);
  const rdata = take(cursor, fixed.readUInt16BE(8));
  return {
    owner,
    type: fixed.readUInt16BE(0),
    class: fixed.readUInt16BE(2),
    ttl: fixed.readUInt32BE(4),
    rdata,
  };
}

export function readOpt({ owner, class: udpSize, ttl, rdata }: ReadRecord): ReadOpt {
  if (owner.length !== 1) throw new Error('the OPT is not owned by the root');
  const cursor = { bytes: rdata, offset: 0 };
  const options: { code: number; data: Buffer }[] = [];
  while (cursor.offset < rdata.length) {
    const head = take(cursor, 4);
    options.push({ code: head.readUInt16BE(0), data: take(cursor, head.readUInt16BE(2)) });
  }
  return {
    udpSize,
    extendedRcode: ttl >>> 24,
    version: (ttl >>> 16) & 0xff,
    dnssecOk: (ttl & 0x8000) !== 0,
    z: ttl & 0x7fff,
    options,
  };
}

/** Follows pointers backwards alone, so it ends. */
function readName(cursor: Cursor): Buffer {
  const pieces: Buffer[] = [];
  let { offset } = cursor;
  let limit = offset;
  let jumped = false;
  for (;;) {
    const length = cursor.bytes[offset];
    if (length === undefined) throw new Error(`a name runs over the end at ${offset}`);
    if (length >= 0xc0) {
      const low = cursor.bytes[offset + 1];
      if (low === undefined) throw new Error(`a pointer runs over the end at ${offset}`);
      if (!jumped) cursor.offset = offset + 2;
      jumped = true;
      offset = ((length & 0x3f) << 8) | low;
      if (offset >= limit) throw new Error(`a pointer does not point backwards: to ${offset}`);
      limit = offset;
      continue;
    }
    if (length > 63) throw new Error(`a label of unknown kind at ${offset}`);
    pieces.push(cursor.bytes.subarray(offset, offset + length + 1));
    offset += length + 1;
    if (offset > cursor.bytes.length) throw new Error('a label runs over the end');
    if (length === 0) break;
  }
  if (!jumped) cursor.offset = offset;
  return Buffer.concat(pieces);
}

function take(cursor: Cursor, count: number): Buffer {
  const end = cursor.offset + count;
  if (end > cursor.bytes.length)
    throw new Error(`${count} octets wanted at ${cursor.offset}, the message has ${cursor.bytes.length}`);
  const part = cursor.bytes.subarray(cursor.offset, end);
  cursor.offset = end;
  return part;
}

function times<T>(count: number, make: () => T): T[] {
  const made: T[] = [];
  for (let index = 0; index < count; index += 1) made.push(make());
  return made;
}
