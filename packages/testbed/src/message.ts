/** The little that the testbed reads of a message. It is its own parser, so that a fault of the product's cannot hide itself. */

export const HEADER_BYTES = 12;

/** Record types that the testbed knows by name. */
export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  OPT: 41,
  RRSIG: 46,
  HTTPS: 65,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
  CAA: 257,
  UNKNOWN: 65_280,
} as const;

export const CLASS = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const;

/** EDNS option codes. */
export const OPTION = {
  NSID: 3,
  ECS: 8,
  COOKIE: 10,
  KEEPALIVE: 11,
  PADDING: 12,
  EDE: 15,
} as const;

/** One EDNS option. */
export interface EdnsOption {
  readonly code: number;
  readonly data: Buffer;
}

/** Where one record lies. */
export interface RecordSpan {
  readonly start: number;
  readonly type: number;
  readonly rdataStart: number;
  readonly end: number;
}

export const messageId = (message: Buffer): number => message.readUInt16BE(0);
export const rcodeOf = (message: Buffer): number => (message[3] ?? 0) & 0x0f;
export const opcodeOf = (message: Buffer): number => ((message[2] ?? 0) >> 3) & 0x0f;

/** A copy of the message with two octets replaced. */
export function withUInt16(message: Buffer, offset: number, value: number): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(value & 0xffff, offset);
  return copy;
}

/** A copy of the message with one octet passed through `change`. */
export function withOctet(message: Buffer, offset: number, change: (octet: number) => number): Buffer {
  const copy = Buffer.from(message);
  copy[offset] = change(copy[offset] ?? 0) & 0xff;
  return copy;
}

/** Offset behind the name at `offset`, or -1 when it is cut off or has a reserved label type. Pointers are not followed. */
export function skipName(message: Buffer, offset: number): number {
  let at = offset;
  for (;;) {
    const length = message[at];
    if (length === undefined) return -1;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2 <= message.length ? at + 2 : -1;
    if (length > 63) return -1;
    at += 1 + length;
  }
}

/** Offset behind the question section, or -1 when it is broken. */
export function questionEnd(message: Buffer): number {
  if (message.length < HEADER_BYTES) return -1;
  let at: number = HEADER_BYTES;
  for (let left = message.readUInt16BE(4); left > 0; left -= 1) {
    at = skipName(message, at);
    if (at < 0 || at + 4 > message.length) return -1;
    at += 4;
  }
  return at;
}

/** The records behind the question, in order, up to the first that is broken. */
export function recordsOf(message: Buffer): RecordSpan[] {
  const spans: RecordSpan[] = [];
  let at = questionEnd(message);
  if (at < 0) return spans;
  const count = message.readUInt16BE(6) + message.readUInt16BE(8) + message.readUInt16BE(10);
  while (spans.length < count) {
    const start = at;
    const name = skipName(message, at);
    if (name < 0 || name + 10 > message.length) return spans;
    const end = name + 10 + message.readUInt16BE(name + 8);
    if (end > message.length) return spans;
    spans.push({ start, type: message.readUInt16BE(name), rdataStart: name + 10, end });
    at = end;
  }
  return spans;
}

/** Where the OPT record lies; undefined: the message has none. */
export function findOpt(message: Buffer): RecordSpan | undefined {
  return recordsOf(message).find((span) => span.type === TYPE.OPT);
}

/** The options of the message's OPT record, up to the first that is broken. */
export function ednsOptions(message: Buffer): EdnsOption[] {
  const options: EdnsOption[] = [];
  const opt = findOpt(message);
  if (opt === undefined) return options;
  let at = opt.rdataStart;
  while (at + 4 <= opt.end) {
    const end = at + 4 + message.readUInt16BE(at + 2);
    if (end > opt.end) break;
    options.push({ code: message.readUInt16BE(at), data: message.subarray(at + 4, end) });
    at = end;
  }
  return options;
}

/** Whether `response` has QR=1, the query's ID and opcode, and the query's question: names by ASCII case-insensitive comparison. */
export function answers(query: Buffer, response: Buffer): boolean {
  if (response.length < HEADER_BYTES || ((response[2] ?? 0) & 0x80) === 0) return false;
  if (messageId(query) !== messageId(response) || opcodeOf(query) !== opcodeOf(response)) return false;
  return sameQuestion(query, response);
}

/** Whether both messages ask the same: names by ASCII case-insensitive comparison. */
export function sameQuestion(one: Buffer, other: Buffer): boolean {
  const end = questionEnd(one);
  if (end < 0 || end !== questionEnd(other)) return false;
  for (let at: number = HEADER_BYTES; at < end; at += 1) {
    if (lowerCase(one[at] ?? 0) !== lowerCase(other[at] ?? 0)) return false;
  }
  return true;
}

/** Whether the question sections are equal octet for octet, case included. */
export function sameQuestionOctets(one: Buffer, other: Buffer): boolean {
  const end = questionEnd(one);
  if (end < 0 || end !== questionEnd(other)) return false;
  return one.subarray(HEADER_BYTES, end).equals(other.subarray(HEADER_BYTES, end));
}

/** A-Z as a-z; every other octet as it is (RFC 4343 §3). */
export const lowerCase = (octet: number): number => (octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet);

/** The message with its two-octet length in front (RFC 1035 §4.2.2). */
export function framed(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(2 + message.length);
  frame.writeUInt16BE(message.length, 0);
  message.copy(frame, 2);
  return frame;
}
