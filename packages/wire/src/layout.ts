/** Finds where things lie in a message by walking its counts, without reading any RDATA but that of OPT. */
import { TYPE } from './codes.ts';
import { COUNT_OFFSET, countOf, HEADER_BYTES } from './header.ts';
import { readUint16 } from './integers.ts';
import { leadsInto, POINTER_MARK, skipName, skipSoundName } from './name.ts';

/** Why a message is not well-formed. */
export type Fault =
  /** Shorter than a header. */
  | 'header'
  /** A name is cut off, too long, has a reserved label type, or its pointers lead forward, in circles, into OPT or too far. */
  | 'name'
  /** A question is cut off, or fewer are there than counted. */
  | 'question'
  /** A record is cut off, or fewer are there than counted. */
  | 'record'
  /** The options of OPT do not add up to its RDLENGTH. */
  | 'option'
  /** The owner of OPT is not the root. */
  | 'opt-owner'
  /** There is more than one OPT. */
  | 'second-opt';

/** Where things lie in one message. Offsets are octets from the start of the message. */
export interface Layout {
  /** `null`: the message is well-formed, as far as its counts go. */
  readonly fault: Fault | null;
  /** End of the first question's name, where its QTYPE lies; 12 when there is no readable question. */
  readonly qnameEnd: number;
  /** End of the question section; 12 when it is empty or broken. */
  readonly questionEnd: number;
  /** End of the last counted record. Octets behind it belong to nothing. Only meaningful without a fault. */
  readonly end: number;
  /** Start of the OPT record of the additional section; -1 when there is none. Known even if the record is faulty. */
  readonly optOffset: number;
  /** End of the OPT record; -1 when there is none. */
  readonly optEnd: number;
  /** TSIG, SIG(0) or TKEY is there: nothing but the message ID may change (RFC 8945 §5.5, RFC 2931 §3, RFC 2930). */
  readonly signed: boolean;
}

/** TYPE, CLASS, TTL and RDLENGTH: what lies between a record's owner and its RDATA (RFC 1035 §4.1.3). */
export const RECORD_FIXED_BYTES = 10;
/** An OPT record without options. */
export const BARE_OPT_BYTES = 1 + RECORD_FIXED_BYTES;
/** QTYPE and QCLASS. */
const QUESTION_FIXED_BYTES = 4;
/** OPTION-CODE and OPTION-LENGTH (RFC 6891 §6.1.2). */
export const OPTION_HEADER_BYTES = 4;

type Draft = { -readonly [field in keyof Layout]: Layout[field] };

/**
 * Walks a message by its counts, in time linear in its length. Never throws, whatever the octets are.
 *
 * RFC 1035 §4.1, RFC 6891 §6.1
 */
export function walk(message: Buffer): Layout {
  const layout: Draft = {
    fault: null,
    qnameEnd: HEADER_BYTES,
    questionEnd: HEADER_BYTES,
    end: HEADER_BYTES,
    optOffset: -1,
    optEnd: -1,
    signed: false,
  };
  layout.fault = message.length < HEADER_BYTES ? 'header' : walkQuestions(message, layout);
  return layout;
}

function walkQuestions(message: Buffer, layout: Draft): Fault | null {
  const count = countOf(message, COUNT_OFFSET.QUESTION);
  let offset = HEADER_BYTES;
  for (let i = 0; i < count; i++) {
    const nameEnd = skipName(message, offset);
    if (nameEnd < 0) return offset === message.length ? 'question' : 'name';
    if (nameEnd + QUESTION_FIXED_BYTES > message.length) return 'question';
    if (i === 0) {
      layout.qnameEnd = nameEnd;
      if (readUint16(message, nameEnd) === TYPE.TKEY) layout.signed = true;
    }
    offset = nameEnd + QUESTION_FIXED_BYTES;
  }
  layout.questionEnd = offset;
  return walkRecords(message, layout);
}

function walkRecords(message: Buffer, layout: Draft): Fault | null {
  const length = message.length;
  const beforeAdditional = countOf(message, COUNT_OFFSET.ANSWER) + countOf(message, COUNT_OFFSET.AUTHORITY);
  const count = beforeAdditional + countOf(message, COUNT_OFFSET.ADDITIONAL);
  let offset = layout.questionEnd;
  let soundPointer = -1;
  for (let i = 0; i < count; i++) {
    if (offset >= length) return 'record';
    const pointer = readUint16(message, offset);
    let fixed = offset + 2;
    // Most owners of a response are the same pointer, which needs to be followed only once.
    if (pointer !== soundPointer) {
      fixed = skipName(message, offset);
      if (fixed < 0) return 'name';
      if (pointer >= POINTER_MARK << 8) soundPointer = pointer;
    }
    // OPT belongs to one hop: a name that is made of its octets could not be passed on.
    if (layout.optOffset !== -1 && leadsInto(message, offset, layout.optOffset + 1, layout.optEnd))
      return 'name';
    const rdata = fixed + RECORD_FIXED_BYTES;
    if (rdata > length) return 'record';
    const type = readUint16(message, fixed);
    const next = rdata + readUint16(message, fixed + 8);
    if (type === TYPE.OPT && i >= beforeAdditional) {
      const fault = takeOpt(message, layout, offset, fixed, next);
      if (fault !== null) return fault;
    } else if (next > length) {
      return 'record';
    } else if (
      type === TYPE.TSIG ||
      type === TYPE.TKEY ||
      (type === TYPE.SIG && coversNothing(message, rdata, next))
    ) {
      layout.signed = true;
    }
    offset = next;
  }
  layout.end = offset;
  return null;
}

function takeOpt(message: Buffer, layout: Draft, offset: number, fixed: number, next: number): Fault | null {
  if (layout.optOffset !== -1) return 'second-opt';
  // One octet before TYPE, so that offsets inside OPT hold even when its owner is not the root.
  layout.optOffset = fixed - 1;
  layout.optEnd = next;
  if (fixed !== offset + 1) return 'opt-owner';
  if (next > message.length) return 'record';
  // Another version of EDNS may give RDATA another form; it is refused for its version instead (RFC 6891 §6.1.3).
  if (message[fixed + 5] !== 0) return null;
  let option = fixed + RECORD_FIXED_BYTES;
  while (option < next) {
    option = optionEnd(message, option, next);
    if (option < 0) return 'option';
  }
  return null;
}

/** SIG(0) is a SIG record whose "type covered" is 0 (RFC 2931 §3). */
function coversNothing(message: Buffer, rdata: number, next: number): boolean {
  return next >= rdata + 2 && readUint16(message, rdata) === 0;
}

/** End of the EDNS option at `offset`, or -1 when it passes `limit`. */
export function optionEnd(message: Buffer, offset: number, limit: number): number {
  if (offset + OPTION_HEADER_BYTES > limit) return -1;
  const end = offset + OPTION_HEADER_BYTES + readUint16(message, offset + 2);
  return end > limit ? -1 : end;
}

/** Where TYPE lies in the record at `offset` of a message without a fault. */
export function recordFixed(message: Buffer, offset: number): number {
  return skipSoundName(message, offset);
}

/** End of the record whose TYPE lies at `fixed`, in a message without a fault. */
export function recordEnd(message: Buffer, fixed: number): number {
  return fixed + RECORD_FIXED_BYTES + readUint16(message, fixed + 8);
}
