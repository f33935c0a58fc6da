/** What the upstream answers when a case does not script it: one address that can be told from the name alone. */
import { createHash } from 'node:crypto';
import { aRecord, type MessageSpec, message, opt, POINTER_TO_QNAME, record } from './bytes/build.ts';
import { CLASS, FLAG, OPCODE, RCODE, TYPE } from './bytes/numbers.ts';
import { type ReadMessage, read } from './bytes/read.ts';

/** The true answer to a query. Whatever cannot be read gets FORMERR, so that a query that slipped through is answered. */
export function answerOf(octets: Buffer): Buffer {
  const query = tryRead(octets);
  if (query === undefined) return message({ id: idOf(octets), flags: FLAG.QR, rcode: RCODE.FORMERR });
  if (query.opcode !== OPCODE.QUERY) return notImplemented(query);
  return responseTo(query, { answers: answersFor(query) });
}

/** A response with the query's ID, question and OPT (when it had one), and what else is wanted. */
export function responseTo(
  query: ReadMessage,
  spec: MessageSpec & { readonly noOpt?: boolean } = {},
): Buffer {
  const ours = query.opt === undefined || spec.noOpt === true ? [] : [opt({ dnssecOk: query.opt.dnssecOk })];
  return message({
    id: query.id,
    flags: FLAG.QR | FLAG.RA | (query.flags & (FLAG.RD | FLAG.CD)),
    opcode: query.opcode,
    questions: query.questions,
    ...spec,
    additionals: [...(spec.additionals ?? []), ...ours],
  });
}

/** The address that {@link answerOf} gives for a name: no two names of a case share it. */
export function addressOf(wireName: Buffer): Buffer {
  return hashOf(wireName).subarray(0, 4);
}

function answersFor(query: ReadMessage): Buffer[] {
  const [question] = query.questions;
  if (question === undefined || question.class !== CLASS.IN) return [];
  if (question.type === TYPE.A) {
    return [record({ owner: POINTER_TO_QNAME, type: TYPE.A, rdata: addressOf(question.name) })];
  }
  if (question.type === TYPE.AAAA) {
    return [
      record({ owner: POINTER_TO_QNAME, type: TYPE.AAAA, rdata: hashOf(question.name).subarray(0, 16) }),
    ];
  }
  return [];
}

/** Many A records, for a response of about `16 * count` octets more than the question. */
export function manyAddresses(count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => aRecord(`192.0.${index >> 8}.${index & 255}`));
}

/** A response of more than 60,000 octets, other ones for other names. */
export function largeAnswer(query: ReadMessage): Buffer {
  const rdata = Buffer.alloc(60_000, query.questions[0]?.name[2]);
  return responseTo(query, { answers: [record({ owner: POINTER_TO_QNAME, type: 65_280, rdata })] });
}

function notImplemented(query: ReadMessage): Buffer {
  const flags = FLAG.QR | (query.flags & FLAG.RD);
  return responseTo(query, { flags, rcode: RCODE.NOTIMP });
}

function hashOf(wireName: Buffer): Buffer {
  return createHash('sha256').update(wireName.toString('latin1').toLowerCase()).digest();
}

function tryRead(octets: Buffer): ReadMessage | undefined {
  try {
    return read(octets);
  } catch {
    return undefined;
  }
}

function idOf(octets: Buffer): number {
  return octets.length < 2 ? 0 : octets.readUInt16BE(0);
}
