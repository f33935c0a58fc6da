/** What replies about special names look like, and those that are not about them. */
import { equal, ok } from './assert.ts';
import { RCODE, TYPE } from './bytes/numbers.ts';
import { type ReadMessage, type ReadRecord, read } from './bytes/read.ts';
import type { CaseContext } from './context.ts';
import { matches } from './expectations.ts';

/** A reply without an answer, and with the SOA of a zone that the name lies in. */
export function denied(asked: Buffer, reply: ReadMessage, rcode: number): ReadMessage {
  const query = read(asked);
  const [question] = query.questions;
  const what = `${question?.name.toString('latin1')} type ${question?.type}`;
  matches(query, reply);
  equal(reply.rcode, rcode, `rcode for ${what}`);
  equal(reply.answers.length, 0, `answers for ${what}`);
  const [soa] = reply.authorities;
  equal(soa?.type, TYPE.SOA, `an SOA for ${what}`);
  const qname = lowerCase(question?.name ?? Buffer.alloc(0));
  const owner = lowerCase(soa?.owner ?? Buffer.alloc(0));
  ok(qname.endsWith(owner), `the owner of the SOA, ${JSON.stringify(owner)}, for ${what}`);
  return reply;
}

/** Asks, and wants the upstream to be asked the same. */
export async function forwarded(context: CaseContext, asked: Buffer): Promise<ReadMessage> {
  const before = context.rawJournal.length;
  const reply = await context.ask(asked);
  const query = read(asked);
  const text = query.questionBytes.toString('latin1');
  equal(reply.rcode, RCODE.NOERROR, `rcode for ${JSON.stringify(text)}`);
  matches(query, reply);
  ok(context.rawJournal.length > before, `${JSON.stringify(text)} at the upstream`);
  // Some change the letters' case on purpose.
  equal(
    lowerCase(context.lastQuery.questionBytes),
    lowerCase(query.questionBytes),
    'the question at the upstream',
  );
  return reply;
}

/** The SOA that RFC 6303 §3 gives every such zone, whatever its MNAME: `@ nobody.invalid. 1 3600 1200 604800 10800`. */
export function emptyZoneSoa(soa: ReadRecord | undefined): void {
  const numbers = Buffer.alloc(20);
  [1, 3_600, 1_200, 604_800, 10_800].forEach((value, index) => {
    numbers.writeUInt32BE(value, 4 * index);
  });
  const tail = Buffer.concat([Buffer.from('\x06nobody\x07invalid\0', 'latin1'), numbers]);
  ok(soa !== undefined, 'an SOA');
  ok(soa.rdata.subarray(-tail.length).equals(tail), 'RNAME and numbers of the SOA');
}

/** The name that RDATA begins with, pointers followed. */
export function nameAt(bytes: Buffer, rdata: Buffer): Buffer {
  const pieces: Buffer[] = [];
  let rest = rdata;
  for (let steps = 0; steps < 128; steps += 1) {
    const length = rest[0] ?? 0;
    if (length >= 0xc0) {
      rest = bytes.subarray(rest.readUInt16BE(0) & 0x3fff);
      continue;
    }
    pieces.push(rest.subarray(0, length + 1));
    if (length === 0) break;
    rest = rest.subarray(length + 1);
  }
  return Buffer.concat(pieces);
}

function lowerCase(octets: Buffer): string {
  return octets.toString('latin1').toLowerCase();
}
