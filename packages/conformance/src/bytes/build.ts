/**
 * Messages built octet by octet, so that a case can send what no encoder would write. Nothing here checks anything: a
 * count, a length or a name may be as wrong as the case wants it.
 */
import { FLAG, TYPE } from './numbers.ts';

export interface Question {
  /** Wire form. Default: the name of the message. */
  readonly name?: Buffer;
  readonly type?: number;
  readonly class?: number;
}

export interface RecordSpec {
  /** Wire form; {@link POINTER_TO_QNAME} points at the first question. */
  readonly owner: Buffer;
  readonly type: number;
  readonly class?: number;
  readonly ttl?: number;
  readonly rdata: Buffer;
  /** RDLENGTH as written, when it is to differ from the length of `rdata`. */
  readonly rdataLength?: number;
}

export interface Option {
  readonly code: number;
  readonly data?: Buffer;
  /** Length as written, when it is to differ from that of `data`. */
  readonly length?: number;
}

export interface OptSpec {
  readonly udpSize?: number;
  readonly version?: number;
  readonly extendedRcode?: number;
  /** The DO bit. */
  readonly dnssecOk?: boolean;
  /** The 15 flags behind DO. */
  readonly z?: number;
  readonly options?: readonly Option[];
  readonly owner?: Buffer;
  readonly rdataLength?: number;
}

export interface MessageSpec {
  readonly id?: number;
  /** The second 16 bits without opcode and rcode. Default: RD alone. */
  readonly flags?: number;
  readonly opcode?: number;
  readonly rcode?: number;
  readonly questions?: readonly Question[];
  readonly answers?: readonly Buffer[];
  readonly authorities?: readonly Buffer[];
  readonly additionals?: readonly Buffer[];
  /** Counts as written, when they are to differ from the sections' lengths. */
  readonly counts?: readonly [number, number, number, number];
  /** Octets behind the last record. */
  readonly tail?: Buffer;
}

/** A compression pointer to offset 12, where the first question's name lies. */
export const POINTER_TO_QNAME = Buffer.from([0xc0, 12]);
export const ROOT = Buffer.from([0]);

/** A dotted name in wire form. Without escapes: {@link labels} takes any octets. */
export function name(dotted: string): Buffer {
  return labels(dotted.split('.').filter((label) => label !== ''));
}

export function labels(parts: readonly (string | Buffer)[]): Buffer {
  const pieces = parts.flatMap((part) => {
    const octets = typeof part === 'string' ? Buffer.from(part, 'latin1') : part;
    return [Buffer.from([octets.length]), octets];
  });
  return Buffer.concat([...pieces, ROOT]);
}

export function message(spec: MessageSpec): Buffer {
  const { questions = [], answers = [], authorities = [], additionals = [] } = spec;
  const counts = spec.counts ?? [questions.length, answers.length, authorities.length, additionals.length];
  const header = Buffer.alloc(12);
  header.writeUInt16BE(spec.id ?? randomId(), 0);
  header.writeUInt16BE((spec.flags ?? FLAG.RD) | ((spec.opcode ?? 0) << 11) | (spec.rcode ?? 0), 2);
  counts.forEach((count, index) => {
    header.writeUInt16BE(count, 4 + 2 * index);
  });
  return Buffer.concat([
    header,
    ...questions.map(question),
    ...answers,
    ...authorities,
    ...additionals,
    spec.tail ?? Buffer.alloc(0),
  ]);
}

export interface QuerySpec extends Omit<MessageSpec, 'questions'> {
  readonly name: string | Buffer;
  readonly type?: number;
  readonly class?: number;
  readonly opt?: OptSpec;
}

/** A message with one question and, with `opt`, an OPT behind the other additional records. */
export function query(spec: QuerySpec): Buffer {
  const qname = typeof spec.name === 'string' ? name(spec.name) : spec.name;
  const additionals = [...(spec.additionals ?? []), ...(spec.opt === undefined ? [] : [opt(spec.opt)])];
  return message({ ...spec, questions: [{ ...spec, name: qname }], additionals });
}

export function record({ owner, type, class: klass = 1, ttl = 300, rdata, rdataLength }: RecordSpec): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(klass, 2);
  fixed.writeUInt32BE(ttl, 4);
  fixed.writeUInt16BE(rdataLength ?? rdata.length, 8);
  return Buffer.concat([owner, fixed, rdata]);
}

export function opt(spec: OptSpec = {}): Buffer {
  const rdata = Buffer.concat((spec.options ?? []).map(option));
  const flags = (spec.dnssecOk === true ? 0x8000 : 0) | (spec.z ?? 0);
  return record({
    owner: spec.owner ?? ROOT,
    type: TYPE.OPT,
    class: spec.udpSize ?? 1232,
    ttl: ((spec.extendedRcode ?? 0) * 2 ** 24 + (spec.version ?? 0) * 2 ** 16 + flags) >>> 0,
    rdata,
    ...(spec.rdataLength === undefined ? {} : { rdataLength: spec.rdataLength }),
  });
}

/** An A record that hangs on the first question's name. */
export function aRecord(address: string, owner: Buffer = POINTER_TO_QNAME, ttl = 300): Buffer {
  return record({ owner, type: TYPE.A, ttl, rdata: Buffer.from(address.split('.').map(Number)) });
}

export function randomId(): number {
  return Math.floor(Math.random() * 65_536);
}

export function withId(octets: Buffer, id: number): Buffer {
  const copy = Buffer.from(octets);
  copy.writeUInt16BE(id, 0);
  return copy;
}

export function framed(octets: Buffer): Buffer {
  const prefix = Buffer.alloc(2);
  prefix.writeUInt16BE(octets.length, 0);
  return Buffer.concat([prefix, octets]);
}

function question({ name: qname = ROOT, type = TYPE.A, class: klass = 1 }: Question): Buffer {
  const fixed = Buffer.alloc(4);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(klass, 2);
  return Buffer.concat([qname, fixed]);
}

function option({ code, data = Buffer.alloc(0), length }: Option): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(code, 0);
  head.writeUInt16BE(length ?? data.length, 2);
  return Buffer.concat([head, data]);
}
