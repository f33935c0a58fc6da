import { buildOutgoing, type OutgoingQuery, walk } from '@tridot/wire';

export const A = 1;
export const CNAME = 5;
export const SOA = 6;
export const MX = 15;
export const TXT = 16;
export const AAAA = 28;

/** A name where RDATA holds one. */
export interface NameField {
  readonly name: string;
}

export interface TestRecord {
  readonly owner: string;
  readonly type: number;
  readonly ttl?: number;
  readonly rdata: readonly (Buffer | NameField)[];
}

export interface Form {
  readonly rcode?: number;
  readonly flags?: number;
  readonly compress?: boolean;
  /** Given each letter of a name, says whether it is written in upper case. */
  readonly upper?: (index: number) => boolean;
  readonly additional?: readonly Buffer[];
}

export function query(name: string, type = A, opcode = 0): OutgoingQuery {
  const header = Buffer.from([0x12, 0x34, 0x01 | (opcode << 3), 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  const message = Buffer.concat([header, wireName(name), Buffer.from([type >>> 8, type & 0xff, 0, 1])]);
  return buildOutgoing(message, walk(message));
}

export function address(owner: string, text: string, ttl = 300): TestRecord {
  return { owner, type: A, ttl, rdata: [Buffer.from(text.split('.').map(Number))] };
}

export function alias(owner: string, target: string): TestRecord {
  return { owner, type: CNAME, rdata: [{ name: target }] };
}

/** An OPT record with one extended error (RFC 8914 §2). */
export function optWithEde(code: number): Buffer {
  return Buffer.from([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 6, 0, 15, 0, 2, 0, code]);
}

export function response(
  qname: string,
  qtype: number,
  answers: readonly TestRecord[],
  form: Form = {},
): Buffer {
  const { rcode = 0, flags = 0x8180, additional = [] } = form;
  const header = Buffer.alloc(12);
  header.writeUInt16BE(flags | rcode, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  header.writeUInt16BE(additional.length, 10);
  const writer = new Writer(form);
  writer.push(header);
  writer.pushName(qname);
  writer.push(Buffer.from([qtype >>> 8, qtype & 0xff, 0, 1]));
  for (const record of answers) writer.pushRecord(record);
  for (const each of additional) writer.push(each);
  return writer.message();
}

class Writer {
  readonly #form: Form;
  readonly #places = new Map<string, number>();
  #parts: Buffer[] = [];
  #length = 0;
  #letters = 0;

  constructor(form: Form) {
    this.#form = form;
  }

  message(): Buffer {
    return Buffer.concat(this.#parts);
  }

  push(octets: Buffer): void {
    this.#parts.push(octets);
    this.#length += octets.length;
  }

  pushName(name: string): void {
    const labels = name.split('.').filter((label) => label !== '');
    for (let i = 0; i < labels.length; i++) {
      const rest = labels.slice(i).join('.').toLowerCase();
      const place = this.#places.get(rest);
      if (place !== undefined && this.#form.compress) {
        this.push(Buffer.from([0xc0 | (place >>> 8), place & 0xff]));
        return;
      }
      if (this.#length < 0x4000) this.#places.set(rest, this.#length);
      const label = Buffer.from(this.#cased(labels[i] ?? ''), 'latin1');
      this.push(Buffer.concat([Buffer.from([label.length]), label]));
    }
    this.push(Buffer.from([0]));
  }

  pushRecord({ owner, type, ttl = 300, rdata }: TestRecord): void {
    this.pushName(owner);
    const fixed = Buffer.alloc(10);
    fixed.writeUInt16BE(type, 0);
    fixed.writeUInt16BE(1, 2);
    fixed.writeUInt32BE(ttl, 4);
    this.push(fixed);
    const start = this.#length;
    for (const field of rdata) {
      if (Buffer.isBuffer(field)) this.push(field);
      else this.pushName(field.name);
    }
    fixed.writeUInt16BE(this.#length - start, 8);
  }

  #cased(label: string): string {
    const { upper } = this.#form;
    if (upper === undefined) return label;
    return label.replace(/[a-z]/gi, (letter) =>
      upper(this.#letters++) ? letter.toUpperCase() : letter.toLowerCase(),
    );
  }
}

export function wireName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ]);
}
