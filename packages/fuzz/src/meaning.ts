/**
 * What a message says, whatever its compression looks like: to see that taking OPT out of a message changed nothing else.
 * Where a name is nonsense, or runs through OPT, nobody can say what it means: then that part is left open.
 */
import { HEADER_BYTES, questionEnd, type RecordSpan, recordsOf } from '@tridot/testbed';
import { additionalOpt } from './reading.ts';

/** One record without what may be open about it: `null` stands for anything. */
interface Said {
  readonly section: number;
  readonly owner: string | null;
  /** Type, class and TTL. */
  readonly fixed: string;
  readonly rdata: string | null;
}

export interface Meaning {
  readonly flags: number;
  readonly question: string;
  readonly records: readonly Said[];
}

/** Octets, character strings, names, and the rest: the types whose RDATA may be compressed and that the fuzzer makes. */
const NAMED_RDATA: ReadonlyMap<number, { skip: number; strings: number; names: number }> = new Map([
  [2, { skip: 0, strings: 0, names: 1 }],
  [5, { skip: 0, strings: 0, names: 1 }],
  [6, { skip: 0, strings: 0, names: 2 }],
  [12, { skip: 0, strings: 0, names: 1 }],
  [15, { skip: 2, strings: 0, names: 1 }],
  [24, { skip: 18, strings: 0, names: 1 }],
  [33, { skip: 6, strings: 0, names: 1 }],
  [35, { skip: 4, strings: 3, names: 1 }],
]);
/** Types with names that are not looked into: MD, MF, MB, MG, MR, MINFO, RP, AFSDB, RT, PX, NXT. */
const LEFT_OPEN: ReadonlySet<number> = new Set([3, 4, 7, 8, 9, 14, 17, 18, 21, 26, 30]);
const POINTER_MARK = 0xc0;
const MAX_LABEL_BYTES = 63;
const MAX_STEPS = 300;
const OWN_BYTES = 10;

/** @param message one whose counts are true. */
export function meaningOf(message: Buffer): Meaning {
  const opt = additionalOpt(message);
  const spans = recordsOf(message);
  const answers = message.readUInt16BE(6);
  const authorities = message.readUInt16BE(8);
  const records: Said[] = [];
  for (const [index, span] of spans.entries()) {
    if (span.start === opt?.start) continue;
    const section = index < answers ? 0 : index < answers + authorities ? 1 : 2;
    records.push(said(message, span, section, opt));
  }
  const question = message.toString('latin1', HEADER_BYTES, Math.max(HEADER_BYTES, questionEnd(message)));
  return { flags: message.readUInt16BE(2), question: question.toLowerCase(), records };
}

/** Whether `copy` says all that `source` says and can be understood. */
export function meansTheSame(source: Meaning, copy: Meaning): boolean {
  if (source.flags !== copy.flags || source.question !== copy.question) return false;
  if (source.records.length !== copy.records.length) return false;
  return source.records.every((record, index) => {
    const twin = copy.records[index];
    if (twin === undefined || record.section !== twin.section || record.fixed !== twin.fixed) return false;
    const { owner, rdata } = record;
    return (owner === null || owner === twin.owner) && (rdata === null || rdata === twin.rdata);
  });
}

function said(message: Buffer, span: RecordSpan, section: number, opt: RecordSpan | undefined): Said {
  const fixedStart = span.rdataStart - OWN_BYTES;
  return {
    section,
    owner: nameAt(message, span.start, span.end, opt)?.text ?? null,
    fixed: message.toString('hex', fixedStart, span.rdataStart - 2),
    rdata: rdataOf(message, span, opt),
  };
}

function rdataOf(
  message: Buffer,
  { type, rdataStart, end }: RecordSpan,
  opt: RecordSpan | undefined,
): string | null {
  if (LEFT_OPEN.has(type)) return null;
  const shape = NAMED_RDATA.get(type);
  if (shape === undefined) return message.toString('hex', rdataStart, end);
  let at = rdataStart + shape.skip;
  for (let left = shape.strings; left > 0 && at < end; left -= 1) at += 1 + (message[at] ?? 0);
  if (at >= end) return null;
  let text = message.toString('hex', rdataStart, at);
  for (let left = shape.names; left > 0; left -= 1) {
    const name = nameAt(message, at, end, opt);
    if (name === null) return null;
    text += ` ${name.text}`;
    at = name.end;
  }
  return `${text} ${message.toString('hex', at, end)}`;
}

/**
 * The labels of a name, and where it ends in its place. Null: it is nonsense, or it leads forward, into the header, through
 * OPT, or by way of octets that are a name only by chance and may change when something before them goes away.
 */
function nameAt(
  message: Buffer,
  start: number,
  limit: number,
  opt: RecordSpan | undefined,
): { text: string; end: number } | null {
  let text = '';
  let end = -1;
  let at = start;
  for (let left = MAX_STEPS; left > 0; left -= 1) {
    const octet = message[at];
    if (octet === undefined || (end < 0 && at >= limit)) return null;
    if (opt !== undefined && at >= opt.start && at < opt.end) return null;
    if (octet === 0) {
      if (end >= 0 && !isOfName(message, at, at + 1)) return null;
      return { text: `${text}.`, end: end < 0 ? at + 1 : end };
    }
    if (octet >= POINTER_MARK) {
      if (at + 2 > message.length || (end < 0 && at + 2 > limit)) return null;
      const target = message.readUInt16BE(at) & 0x3fff;
      const isFirst = end < 0;
      if (target < HEADER_BYTES || target >= at || (!isFirst && !isOfName(message, at, at + 2))) return null;
      if (isFirst) end = at + 2;
      at = target;
    } else {
      if (octet > MAX_LABEL_BYTES || (end < 0 && at + octet >= limit)) return null;
      const behind = at + 1 + octet;
      if (end >= 0 && !isOfName(message, at, behind)) return null;
      if (opt !== undefined && at < opt.start && behind > opt.start) return null;
      // Letters compare without case, and the question's case is the client's own (RFC 4343 §3).
      text += `${octet}:${message.toString('latin1', at + 1, behind).toLowerCase()}.`;
      at = behind;
    }
  }
  return null;
}

/** Whether these octets lie in an owner or in the question. Others may be anything, and may change when OPT is moved. */
function isOfName(message: Buffer, from: number, to: number): boolean {
  if (to <= questionEnd(message)) return true;
  return recordsOf(message).some(({ start, rdataStart }) => from >= start && to <= rdataStart - OWN_BYTES);
}
