/** Whether an answer came from the subject's memory or from the upstream, and records with TTLs for such cases. */
import { equal, ok } from './assert.ts';
import { name, POINTER_TO_QNAME, type RecordSpec, ROOT, record } from './bytes/build.ts';
import { TYPE } from './bytes/numbers.ts';
import { type ReadMessage, read } from './bytes/read.ts';
import { type AskOptions, type CaseContext, delay } from './context.ts';
import { matches } from './expectations.ts';

/** Where time is counted in whole seconds, a TTL of one second may last nearly two. */
const SECOND_AND_SLACK_MS = 2_100;

/** Asks, and wants a reply without a query at the upstream. */
export async function kept(context: CaseContext, asked: Buffer, options?: AskOptions): Promise<ReadMessage> {
  const before = seen(context, asked);
  const reply = await context.ask(asked, options);
  matches(read(asked), reply);
  equal(seen(context, asked) - before, 0, 'answered without asking the upstream; queries there');
  return reply;
}

/** Asks, and wants this question to reach the upstream. */
export async function askedAgain(
  context: CaseContext,
  asked: Buffer,
  options?: AskOptions,
): Promise<ReadMessage> {
  const before = seen(context, asked);
  const reply = await context.ask(asked, options);
  equal(reply.id, asked.readUInt16BE(0), 'the ID of the query');
  ok(seen(context, asked) > before, 'the upstream is asked; it was not');
  return reply;
}

/** How often this question has come to the upstream. */
export function seen(context: CaseContext, asked: Buffer): number {
  const wanted = questionOf(read(asked));
  return context.journal.filter((each) => questionOf(each) === wanted).length;
}

/** Waits until a TTL of so many seconds is over. */
export function ttlOver(seconds = 1): Promise<void> {
  return delay((seconds - 1) * 1_000 + SECOND_AND_SLACK_MS);
}

/** An SOA record of example.com. */
export function soaRecord(
  ttl: number,
  minimum: number,
  owner: RecordSpec['owner'] = name('example.com'),
): Buffer {
  return record({ owner, type: TYPE.SOA, ttl, rdata: soaRdata(minimum) });
}

export function soaRdata(minimum: number): Buffer {
  const numbers = Buffer.alloc(20);
  [1, 7_200, 1_800, 1_209_600, minimum].forEach((value, index) => {
    numbers.writeUInt32BE(value, 4 * index);
  });
  return Buffer.concat([name('ns.example.com'), name('hostmaster.example.com'), numbers]);
}

/** A signature of A records, well-formed and otherwise meaningless (RFC 4034 §3.1). */
export function signatureRecord(ttl = 300): Buffer {
  return record({ owner: POINTER_TO_QNAME, type: TYPE.RRSIG, ttl, rdata: SIGNATURE_RDATA });
}

/** Type covered, algorithm, labels, original TTL, expiration, inception, key tag, signer, signature. */
export const SIGNATURE_RDATA: Buffer = Buffer.concat([
  Buffer.from('000108040000006470000000600000001234', 'hex'),
  name('example.com'),
  Buffer.alloc(64, 1),
]);

/** Whatever the letters' case, which a forwarder may change. */
function questionOf({ questions, opcode }: ReadMessage): string {
  const [question] = questions;
  const text = (question?.name ?? ROOT).toString('latin1').toLowerCase();
  return `${opcode} ${text} ${question?.type} ${question?.class}`;
}
