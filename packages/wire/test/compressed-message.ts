/** A message writer that compresses every name it may, as servers do. */
import { header, label, opt, uint16 } from './build-message.ts';

/** Names in RDATA are strings; octets that are not names are Buffers. */
export interface NamedRecord {
  readonly owner: string;
  readonly type: number;
  readonly rdata: readonly (string | Buffer)[];
}

export interface NamedMessage {
  readonly qname: string;
  readonly answers: readonly NamedRecord[];
  readonly additionals: readonly NamedRecord[];
  /** Octets of OPT and its place among the additional records; `null`: none. */
  readonly opt: { readonly octets: Buffer; readonly index: number } | null;
}

export function compressed(from: NamedMessage): Buffer {
  const additionals: (NamedRecord | Buffer)[] = [...from.additionals];
  if (from.opt !== null) additionals.splice(from.opt.index, 0, from.opt.octets);
  const writer = new Writer(header(0x1234, 0x8180, [1, from.answers.length, 0, additionals.length]));
  writer.name(from.qname);
  writer.octets(uint16(1), uint16(1));
  for (const each of [...from.answers, ...additionals]) {
    if (Buffer.isBuffer(each)) writer.octets(each);
    else writer.record(each);
  }
  return writer.message;
}

/** An OPT with some options, to be put in the middle. */
export const OPT_IN_THE_MIDDLE = opt({ options: [Buffer.from('000c00050000000000', 'hex')] });

class Writer {
  message: Buffer;
  readonly #seen = new Map<string, number>();

  constructor(start: Buffer) {
    this.message = start;
  }

  octets(...parts: Buffer[]): void {
    this.message = Buffer.concat([this.message, ...parts]);
  }

  name(text: string): void {
    const labels = text.split('.');
    for (const [index, each] of labels.entries()) {
      const rest = labels.slice(index).join('.');
      const target = this.#seen.get(rest);
      if (target !== undefined) {
        this.octets(uint16(0xc000 | target));
        return;
      }
      if (this.message.length < 0x4000) this.#seen.set(rest, this.message.length);
      this.octets(label(each));
    }
    this.octets(Buffer.from([0]));
  }

  record({ owner, type, rdata }: NamedRecord): void {
    this.name(owner);
    this.octets(uint16(type), uint16(1), uint16(0), uint16(300), uint16(0));
    const start = this.message.length;
    for (const part of rdata) {
      if (typeof part === 'string') this.name(part);
      else this.octets(part);
    }
    this.message.writeUInt16BE(this.message.length - start, start - 2);
  }
}
