import { presentClass, presentLabel, presentType } from './presentation.ts';

/** The first question of a message, as people read it. */
export interface Question {
  readonly qname: string;
  readonly qtype: string;
  readonly qclass: string;
}

const HEADER_BYTES = 12;
const MAX_NAME_BYTES = 255;
const MAX_LABEL_BYTES = 63;
const QDCOUNT_OFFSET = 4;

/**
 * Reads the first question of a message for the query log. The name is read as octets: a decoder that makes text of it
 * first loses what a label may hold.
 *
 * @returns `null` when there is none, or none that can be read.
 */
export function readQuestion(message: Buffer): Question | null {
  if (message.length < HEADER_BYTES || message.readUInt16BE(QDCOUNT_OFFSET) === 0) return null;
  let offset = HEADER_BYTES;
  let qname = '';
  for (;;) {
    const length = message[offset];
    // A pointer or a reserved label type has no place in a question (RFC 1035 §4.1.4).
    if (length === undefined || length > MAX_LABEL_BYTES) return null;
    const end = offset + 1 + length;
    if (end > message.length || end - HEADER_BYTES > MAX_NAME_BYTES) return null;
    if (length === 0) break;
    qname += `${presentLabel(message.subarray(offset + 1, end))}.`;
    offset = end;
  }
  const afterName = offset + 1;
  if (afterName + 4 > message.length) return null;
  return {
    qname: qname === '' ? '.' : qname,
    qtype: presentType(message.readUInt16BE(afterName)),
    qclass: presentClass(message.readUInt16BE(afterName + 2)),
  };
}
