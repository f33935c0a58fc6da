/** Queries made, and replies read, octet by octet: nothing of the product helps. */
import { walk } from '@tridot/wire';
import { createPolicy, type Policy, type PolicyOptions } from '../src/index.ts';

export const TYPES = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DS: 43,
  ANY: 255,
};
export const UDP_SIZE = 1_232;
export const NOERROR = 0;
export const NXDOMAIN = 3;

/** A name of labels between dots; `labels` may be given instead, when one of them holds a dot. */
export function name(labels: string | readonly string[]): Buffer {
  const list = typeof labels === 'string' ? labels.split('.').filter((label) => label !== '') : labels;
  const parts = list.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]);
  return Buffer.concat([...parts, Buffer.alloc(1)]);
}

export interface QueryParts {
  readonly qname: string | readonly string[];
  readonly qtype?: number;
  readonly qclass?: number;
  readonly flags?: number;
  readonly questions?: number;
  /** DO flag of the OPT; without it there is no OPT. */
  readonly opt?: { readonly dnssecOk: boolean };
}

export function query({
  qname,
  qtype = 1,
  qclass = 1,
  flags = 0x0100,
  questions = 1,
  opt,
}: QueryParts): Buffer {
  const fixed = uint16s(qtype, qclass);
  const question = Buffer.concat([name(qname), fixed]);
  const record =
    opt === undefined ? [] : [Buffer.from([0, 0, 41, 4, 208, 0, 0, opt.dnssecOk ? 0x80 : 0, 0, 0, 0])];
  const all = Array.from({ length: questions }, () => question);
  return Buffer.concat([uint16s(0x1234, flags, questions, 0, 0, record.length), ...all, ...record]);
}

export interface ReadRecord {
  readonly owner: string;
  readonly type: number;
  readonly ttl: number;
  readonly data: string;
}

export interface ReadReply {
  readonly id: number;
  readonly flags: number;
  readonly rcode: number;
  readonly qname: string;
  readonly answers: readonly ReadRecord[];
  readonly authorities: readonly ReadRecord[];
  /** OPT of the reply: its size, flags word and options in hex. */
  readonly opt: { readonly size: number; readonly flags: number; readonly options: string } | null;
}

/** Reads a reply whole; throws when anything is cut off or left over. */
export function read(reply: Buffer): ReadReply {
  let at = 12;
  const [id = 0, flags = 0, questions = 0, answerCount = 0, authorityCount = 0, additionalCount = 0] =
    Array.from({ length: 6 }, (_, i) => reply.readUInt16BE(i * 2));
  if (questions !== 1) throw new Error(`${questions} questions`);
  const qname = readName(reply, at);
  at = qname.end + 4;
  let opt: ReadReply['opt'] = null;
  const section = (count: number): ReadRecord[] =>
    Array.from({ length: count }, () => {
      const owner = readName(reply, at);
      const type = reply.readUInt16BE(owner.end);
      const ttl = reply.readUInt32BE(owner.end + 4);
      const from = owner.end + 10;
      const to = from + reply.readUInt16BE(owner.end + 8);
      if (to > reply.length) throw new Error('record is cut off');
      at = to;
      if (type === 41) {
        const size = reply.readUInt16BE(owner.end + 2);
        opt = { size, flags: ttl & 0xffff, options: reply.toString('hex', from, to) };
      }
      return { owner: owner.text, type, ttl, data: dataText(reply, type, from, to) };
    });
  const answers = section(answerCount);
  const authorities = section(authorityCount);
  section(additionalCount);
  if (at !== reply.length) throw new Error('octets are left over');
  return { id, flags, rcode: flags & 15, qname: qname.text, answers, authorities, opt };
}

function readName(reply: Buffer, offset: number): { text: string; end: number } {
  const labels: string[] = [];
  let at = offset;
  let end = -1;
  for (let steps = 0; steps < 200; steps++) {
    const length = reply.readUInt8(at);
    if (length === 0) return { text: `${labels.join('.')}.`, end: end === -1 ? at + 1 : end };
    if (length >= 0xc0) {
      if (end === -1) end = at + 2;
      at = reply.readUInt16BE(at) & 0x3fff;
    } else {
      labels.push(reply.toString('latin1', at + 1, at + 1 + length));
      at += length + 1;
    }
  }
  throw new Error('name has no end');
}

function dataText(reply: Buffer, type: number, from: number, to: number): string {
  if (type === TYPES.NS || type === TYPES.CNAME || type === TYPES.PTR) return readName(reply, from).text;
  if (type === TYPES.MX) return `${reply.readUInt16BE(from)} ${readName(reply, from + 2).text}`;
  if (type === TYPES.SOA) {
    const primary = readName(reply, from);
    const mailbox = readName(reply, primary.end);
    const numbers = Array.from({ length: 5 }, (_, i) => reply.readUInt32BE(mailbox.end + i * 4));
    if (mailbox.end + 20 !== to) throw new Error('SOA is of another length');
    return [primary.text, mailbox.text, ...numbers].join(' ');
  }
  return reply.toString('hex', from, to);
}

export function uint16s(...values: number[]): Buffer {
  return Buffer.from(values.flatMap((value) => [value >>> 8, value & 0xff]));
}

export function policyOf(options: Partial<PolicyOptions> = {}): Policy {
  return createPolicy({ udpPayloadBytes: UDP_SIZE, ...options });
}

/** The reply of a policy, read; `null` when the query is to be forwarded. */
export function ask(policy: Policy, parts: QueryParts): ReadReply | null {
  const asked = query(parts);
  const before = Buffer.from(asked);
  const reply = policy.answer(asked, walk(asked));
  if (!asked.equals(before)) throw new Error('the query was changed');
  return reply === null ? null : read(reply);
}

/** What matters of a reply in most cases. */
export function brief(reply: ReadReply | null): string {
  if (reply === null) return 'forwarded';
  const answers = reply.answers.map(({ type, data }) => `${type} ${data}`).join(', ');
  const soa = reply.authorities.map(({ type, owner }) => `${type} of ${owner}`).join(', ');
  return `${reply.rcode} [${answers}] [${soa}]`;
}
