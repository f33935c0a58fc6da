/** The question of a message, compared and restored as octets. */
import { COUNT_OFFSET, countOf, FLAG, flagsOf, HEADER_BYTES, opcodeOf } from './header.ts';
import { readUint16 } from './integers.ts';
import type { Layout } from './layout.ts';
import { sameName } from './name.ts';
import type { OutgoingQuery } from './outgoing-query.ts';

/** QTYPE of the first question; -1 when there is no readable question. */
export function qtypeOf(message: Buffer, layout: Layout): number {
  return layout.questionEnd === HEADER_BYTES ? -1 : readUint16(message, layout.qnameEnd);
}

/** QCLASS of the first question; -1 when there is no readable question. */
export function qclassOf(message: Buffer, layout: Layout): number {
  return layout.questionEnd === HEADER_BYTES ? -1 : readUint16(message, layout.qnameEnd + 2);
}

/**
 * Whether a response belongs to a query, apart from its ID: it is a response, of the same opcode, and repeats the
 * question (names compared without case, type and class exactly) or has none.
 *
 * RFC 5452 §9.1, RFC 7766 §7, RFC 4343 §3
 */
export function answersQuestion(response: Buffer, query: OutgoingQuery): boolean {
  if (response.length < HEADER_BYTES) return false;
  if ((flagsOf(response) & FLAG.QR) === 0 || opcodeOf(response) !== query.opcode) return false;
  const questions = countOf(response, COUNT_OFFSET.QUESTION);
  if (questions === 0) return true;
  const { message, qnameEnd, questionEnd } = query;
  if (questions !== countOf(message, COUNT_OFFSET.QUESTION) || response.length < questionEnd) return false;
  if (!sameName(response, message, HEADER_BYTES, qnameEnd)) return false;
  for (let i = qnameEnd; i < questionEnd; i++) if (response[i] !== message[i]) return false;
  return true;
}

/**
 * Puts the octets of the client's question name into a response that {@link answersQuestion}, so that the client sees
 * the letters as it wrote them, whatever the upstream made of their case.
 */
export function restoreQuestion(response: Buffer, query: OutgoingQuery): void {
  if (countOf(response, COUNT_OFFSET.QUESTION) === 0) return;
  const { message, qnameEnd } = query;
  for (let i = HEADER_BYTES; i < qnameEnd; i++) response[i] = message[i] ?? 0;
}
