/** The one query of a probe: NS of the root, which every resolver has at hand and which tells nothing of its asker. */
import { randomInt } from 'node:crypto';

/** Length prefix of a message over TCP (RFC 1035 §4.2.2). */
export const PREFIX_BYTES = 2;
const HEADER_BYTES = 12;
const RD = 0x01;
const QR = 0x80;
const RCODE_MASK = 0x0f;
const NS = 2;
const IN = 1;

/** A framed query with a random message ID. */
export function probeQuery(): Buffer {
  const question = Buffer.from([0, 0, NS, 0, IN]);
  const query = Buffer.alloc(PREFIX_BYTES + HEADER_BYTES);
  query.writeUInt16BE(HEADER_BYTES + question.length, 0);
  query.writeUInt16BE(randomInt(0x1_0000), PREFIX_BYTES);
  query[PREFIX_BYTES + 2] = RD;
  query[PREFIX_BYTES + 5] = 1;
  return Buffer.concat([query, question]);
}

/** The rcode of a response with the query's ID and question; -1 when it is not one. */
export function rcodeOfAnswer(response: Buffer, query: Buffer): number {
  if (response.length < query.length || !response.subarray(0, 2).equals(query.subarray(0, 2))) return -1;
  const isResponse = ((response[2] ?? 0) & QR) !== 0;
  const sameQuestion = response.subarray(HEADER_BYTES, query.length).equals(query.subarray(HEADER_BYTES));
  return isResponse && sameQuestion ? (response[3] ?? 0) & RCODE_MASK : -1;
}
