/** One record that we answer with, and the reply made of such. */
import { COUNT_OFFSET, errorReply, FLAG, type Layout, RCODE } from '@tridot/wire';

/** Record types that have a meaning here (RFC 1035 §3.2.2, RFC 3596, RFC 2782). */
export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DS: 43,
  ANY: 255,
} as const;

export const CLASS_IN = 1;

/** A record without its owner. Names in its RDATA are not compressed. */
export interface LocalRecord {
  readonly type: number;
  readonly ttlSeconds: number;
  readonly rdata: Buffer;
}

/** TYPE, CLASS, TTL and RDLENGTH. */
const FIXED_BYTES = 10;
const POINTER_MARK = 0xc000;
const QNAME_OFFSET = 12;

/** Octets of a record in a message when its owner is a pointer. */
export function recordBytes(record: LocalRecord): number {
  return 2 + FIXED_BYTES + record.rdata.length;
}

/** An owner that is the query's name from one of its octets on (RFC 1035 §4.1.4). */
export function qnameOwner(start: number): Buffer {
  const owner = Buffer.allocUnsafe(2);
  owner.writeUInt16BE(POINTER_MARK | (QNAME_OFFSET + start));
  return owner;
}

/** A record as it stands in a message. */
export function encodeRecord(owner: Uint8Array, record: LocalRecord): Buffer {
  const { rdata } = record;
  const octets = Buffer.allocUnsafe(owner.length + FIXED_BYTES + rdata.length);
  const at = writeFixed(octets, owner, record.type, record.ttlSeconds, rdata.length);
  octets.set(rdata, at);
  return octets;
}

/** RNAME `nobody.invalid.`, serial 1, refresh 3600, retry 1200, expire 604800; MINIMUM comes behind (RFC 6303 §3). */
const SOA_MIDDLE = Buffer.concat([Buffer.from('\x06nobody\x07invalid\0'), uint32s(1, 3_600, 1_200, 604_800)]);

/** The SOA record that a negative answer needs so that it can be kept, for so long (RFC 2308 §5, RFC 6303 §3). */
export function encodeSoa(owner: Uint8Array, ttlSeconds: number): Buffer {
  const rdataBytes = owner.length + SOA_MIDDLE.length + 4;
  const octets = Buffer.allocUnsafe(owner.length + FIXED_BYTES + rdataBytes);
  let at = writeFixed(octets, owner, TYPE.SOA, ttlSeconds, rdataBytes);
  octets.set(owner, at);
  at += owner.length;
  octets.set(SOA_MIDDLE, at);
  octets.writeUInt32BE(ttlSeconds, at + SOA_MIDDLE.length);
  return octets;
}

function writeFixed(
  target: Buffer,
  owner: Uint8Array,
  type: number,
  ttlSeconds: number,
  rdataBytes: number,
): number {
  target.set(owner, 0);
  let at = target.writeUInt16BE(type, owner.length);
  at = target.writeUInt16BE(CLASS_IN, at);
  at = target.writeUInt32BE(ttlSeconds, at);
  return target.writeUInt16BE(rdataBytes, at);
}

function uint32s(...values: number[]): Buffer {
  const octets = Buffer.allocUnsafe(values.length * 4);
  values.forEach((value, i) => {
    octets.writeUInt32BE(value, i * 4);
  });
  return octets;
}

/** What a reply says; `answers` and `authorities` are encoded records. */
export interface Statement {
  readonly rcode: number;
  readonly answers: readonly Buffer[];
  readonly authorities: readonly Buffer[];
}

export function found(answers: readonly Buffer[]): Statement {
  return { rcode: RCODE.NOERROR, answers, authorities: [] };
}

/** Nothing of this type, or with NXDOMAIN nothing at all, as the SOA says. */
export function nothing(rcode: number, soa: Buffer): Statement {
  return { rcode, answers: [], authorities: [soa] };
}

/**
 * Makes the reply to a query. ID, question, flags and OPT are as in an error reply of ours, but AA is 1: nobody knows
 * better.
 *
 * @param ede info code of RFC 8914, shown if the query had an OPT; or `NO_EDE`.
 * @param udpSize UDP payload size that we tell the client.
 *
 * RFC 1035 §4.1.1, RFC 6303 §3
 */
export function statementReply(
  query: Buffer,
  layout: Layout,
  statement: Statement,
  ede: number,
  udpSize: number,
): Buffer {
  const { answers, authorities } = statement;
  const frame = errorReply(query, layout, statement.rcode, ede, udpSize);
  const { questionEnd } = layout;
  let length = frame.length;
  for (const record of answers) length += record.length;
  for (const record of authorities) length += record.length;
  const reply = Buffer.allocUnsafe(length);
  let at = frame.copy(reply, 0, 0, questionEnd);
  for (const record of answers) at += record.copy(reply, at);
  for (const record of authorities) at += record.copy(reply, at);
  frame.copy(reply, at, questionEnd);
  reply.writeUInt16BE(reply.readUInt16BE(2) | FLAG.AA, 2);
  reply.writeUInt16BE(answers.length, COUNT_OFFSET.ANSWER);
  reply.writeUInt16BE(authorities.length, COUNT_OFFSET.AUTHORITY);
  return reply;
}
