/** What "silent", "alive", "unseen" and "error reply" mean. Each throws what it saw when it is otherwise. */

import { addressOf } from './answers.ts';
import { deepEqual, equal, ok } from './assert.ts';
import { query as buildQuery } from './bytes/build.ts';
import { FLAG, RCODE } from './bytes/numbers.ts';
import { hasFlag, optionsOf, type ReadMessage, read } from './bytes/read.ts';
import type { Client } from './client.ts';
import { type CaseContext, delay } from './context.ts';

/** Silence is no reply for so long. */
export const SILENCE_MS = 300;

const PROBE = 'alive';

/** A normal query is answered on a fresh client, and on this one when it is given. */
export async function alive(context: CaseContext, client?: Client): Promise<void> {
  for (const each of client === undefined ? [await context.open()] : [client, await context.open()]) {
    const probe = buildQuery({ name: context.qname(PROBE) });
    const waiting = each.received.length;
    each.send(probe);
    answered(probe, read(await each.next(context.deadlineMs)));
    equal(each.received.length, waiting + 1, 'exactly one reply to the query that shows it is alive');
  }
}

/** None of these messages is answered, and afterwards the subject is alive, also on the same client. */
export async function silent(context: CaseContext, messages: readonly Buffer[]): Promise<void> {
  const client = await context.open();
  for (const message of messages) client.send(message);
  await delay(SILENCE_MS);
  equal(client.received.length, 0, `no reply; there came ${client.received[0]?.toString('hex')}`);
  await alive(context, client);
  equal(client.received.length, 1, 'no late reply');
}

/**
 * Nothing has come to the upstream in this case, but for queries that show life.
 *
 * @param mayCome queries of the subject's own that are no sign of what was asked.
 */
export function unseen(context: CaseContext, mayCome: (message: Buffer) => boolean = () => false): void {
  const others = context.rawJournal.filter((octets) => !isProbe(octets) && !mayCome(octets));
  deepEqual(
    others.map((octets) => octets.toString('hex')),
    [],
    'nothing reaches the upstream',
  );
}

/** A true answer to this query: its ID, its question octet for octet, and the address that belongs to the name. */
export function answered(queryBytes: Buffer, reply: ReadMessage): void {
  const query = read(queryBytes);
  matches(query, reply);
  equal(reply.rcode, RCODE.NOERROR, 'rcode NOERROR');
  const [question] = query.questions;
  if (question === undefined || question.type !== 1 || hasFlag(reply, 'TC')) return;
  const [answer] = reply.answers;
  deepEqual(answer?.rdata, addressOf(question.name), 'the address that belongs to this name');
}

/** QR=1, and ID and question are those of the query. */
export function matches(query: ReadMessage, reply: ReadMessage): void {
  equal(reply.id, query.id, 'the ID of the query');
  ok(hasFlag(reply, 'QR'), 'QR=1');
  equal(reply.opcode, query.opcode, 'the opcode of the query');
  deepEqual(reply.questionBytes, query.questionBytes, 'the question octet for octet');
}

/**
 * A failure that a stub resolver can understand, whoever made it: ID and opcode of the query, the rcode, no records, not
 * truncated, and the question as it was or none. What else an error reply of the subject's own has to be is
 * {@link errorReply}.
 */
export function failure(queryBytes: Buffer, reply: ReadMessage, rcode: number = RCODE.SERVFAIL): void {
  const query = read(queryBytes);
  equal(reply.rcode, rcode, 'rcode');
  equal(reply.id, query.id, 'the ID of the query');
  equal(reply.opcode, query.opcode, 'the opcode of the query');
  ok(hasFlag(reply, 'QR'), 'QR=1');
  ok(!hasFlag(reply, 'TC'), 'TC=0');
  equal(reply.answers.length + reply.authorities.length, 0, 'no records');
  if (reply.questions.length > 0)
    deepEqual(reply.questionBytes, query.questionBytes, 'the question octet for octet');
}

export interface ErrorReplyOptions {
  /** The question cannot be read: the reply has none. */
  readonly questionUnreadable?: boolean;
  /** The query's EDNS cannot be read whole; that it has an OPT is known. Default: as the query can be read. */
  readonly opt?: boolean;
  readonly dnssecOk?: boolean;
}

/**
 * An error reply of the subject's own making: ID, opcode, RD and CD as asked; QR=1, AA=AD=Z=TC=0; the question octet
 * for octet, or none; OPT if and only if the query had one, with its DO, version 0 and no other flag.
 */
export function errorReply(
  queryBytes: Buffer,
  reply: ReadMessage,
  rcode: number,
  options: ErrorReplyOptions = {},
): void {
  equal(reply.rcode, rcode, 'rcode');
  equal(reply.id, queryBytes.readUInt16BE(0), 'the ID of the query');
  const second = queryBytes.readUInt16BE(2);
  equal(reply.opcode, (second >> 11) & 15, 'the opcode of the query');
  equal(reply.flags & FLAG.RD, second & FLAG.RD, 'RD as in the query');
  equal(reply.flags & FLAG.CD, second & FLAG.CD, 'CD as in the query');
  const rest = reply.flags & ~(FLAG.RD | FLAG.CD | FLAG.RA);
  equal(rest, FLAG.QR, `QR=1 AA=AD=Z=TC=0, not 0x${rest.toString(16)}`);
  equal(reply.answers.length + reply.authorities.length, 0, 'no records');
  equal(reply.tail.length, 0, 'no octets behind the message');
  const query =
    options.questionUnreadable === true || options.opt !== undefined ? undefined : read(queryBytes);
  if (options.questionUnreadable === true) equal(reply.questions.length, 0, 'no question');
  if (query !== undefined)
    deepEqual(reply.questionBytes, query.questionBytes, 'the question octet for octet');
  const hadOpt = options.opt ?? query?.opt !== undefined;
  equal(reply.opt !== undefined, hadOpt, hadOpt ? 'an OPT in the reply' : 'no OPT in the reply');
  equal(reply.additionals.length, hadOpt ? 1 : 0, 'no additional record but the OPT');
  if (reply.opt === undefined) return;
  equal(reply.opt.version, 0, 'EDNS version 0');
  equal(reply.opt.z, 0, 'no unknown EDNS flags');
  equal(reply.opt.dnssecOk, options.dnssecOk ?? query?.opt?.dnssecOk ?? false, 'DO as in the query');
}

/** The EDE info codes of a reply. */
export function edeCodes(reply: ReadMessage): number[] {
  return optionsOf(reply, 15).map((data) => data.readUInt16BE(0));
}

/** Waits until something holds, looking again and again. @throws when it does not in time. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 5_000,
  intervalMs = 10,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await holds())) {
    ok(performance.now() < end, `within ${timeoutMs} ms: ${what}`);
    await delay(intervalMs);
  }
}

function isProbe(octets: Buffer): boolean {
  return (
    octets
      .subarray(13, 13 + PROBE.length)
      .toString('latin1')
      .toLowerCase() === PROBE
  );
}
