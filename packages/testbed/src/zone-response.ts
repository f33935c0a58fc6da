import { TESTBED_LIMITS } from './limits.ts';
import { HEADER_BYTES, TYPE } from './message.ts';
import type { RecordSet } from './zone-data.ts';

const OPT_BYTES = 11;
const NO_OCTETS = Buffer.alloc(0);

/** One response under construction: what the query dictates, and the sections that are put in. */
export class ZoneResponse {
  readonly #query: Buffer;
  readonly #questionEnd: number;
  readonly #optOffset: number;
  #rcode = 0;
  #authenticData = false;
  #answer: RecordSet = { count: 0, octets: NO_OCTETS };
  #authorityCount = 0;
  #authority: Buffer = NO_OCTETS;
  #additionalCount = 0;
  #additional: Buffer = NO_OCTETS;

  /** @param optOffset where the query's OPT lies; -1: it has none, and then the response has none either. */
  constructor(query: Buffer, questionEnd: number, optOffset: number) {
    this.#query = query;
    this.#questionEnd = questionEnd;
    this.#optOffset = optOffset;
  }

  get ednsVersion(): number {
    return this.#optOffset < 0 ? 0 : (this.#query[this.#optOffset + 6] ?? 0);
  }

  get dnssecOk(): boolean {
    return this.#optOffset >= 0 && ((this.#query[this.#optOffset + 7] ?? 0) & 0x80) !== 0;
  }

  /** AD in the query asks for AD in the response, and so does DO (RFC 6840 §5.7). */
  get wantsAuthenticData(): boolean {
    return this.dnssecOk || ((this.#query[3] ?? 0) & 0x20) !== 0;
  }

  /** Octets of header, question and OPT. */
  get baseBytes(): number {
    return this.#questionEnd + (this.#optOffset < 0 ? 0 : OPT_BYTES);
  }

  /** Twelve bits; without an OPT only the lower four can be said. */
  rcode(value: number): this {
    this.#rcode = value;
    return this;
  }

  authenticData(): this {
    this.#authenticData = true;
    return this;
  }

  /** Appends to the answer section. */
  answer(set: RecordSet): this {
    this.#answer =
      this.#answer.count === 0
        ? set
        : { count: this.#answer.count + set.count, octets: Buffer.concat([this.#answer.octets, set.octets]) };
    return this;
  }

  authority(count: number, octets: Buffer): this {
    this.#authorityCount = count;
    this.#authority = octets;
    return this;
  }

  /** What stands before the OPT in the additional section. */
  additional(count: number, octets: Buffer): this {
    this.#additionalCount = count;
    this.#additional = octets;
    return this;
  }

  toBuffer(): Buffer {
    const query = this.#query;
    const hasOpt = this.#optOffset >= 0;
    const records = this.#answer.octets.length + this.#authority.length + this.#additional.length;
    const message = Buffer.allocUnsafe(this.baseBytes + records);
    query.copy(message, 0, 0, this.#questionEnd);
    message[2] = 0x80 | ((query[2] ?? 0) & 0x79);
    message[3] = 0x80 | ((query[3] ?? 0) & 0x10) | (this.#authenticData ? 0x20 : 0) | (this.#rcode & 0x0f);
    message.writeUInt16BE(this.#questionEnd > HEADER_BYTES ? 1 : 0, 4);
    message.writeUInt16BE(this.#answer.count, 6);
    message.writeUInt16BE(this.#authorityCount, 8);
    message.writeUInt16BE(this.#additionalCount + (hasOpt ? 1 : 0), 10);
    let at = this.#questionEnd;
    at += this.#answer.octets.copy(message, at);
    at += this.#authority.copy(message, at);
    at += this.#additional.copy(message, at);
    if (hasOpt) this.#writeOpt(message, at);
    return message;
  }

  #writeOpt(message: Buffer, at: number): void {
    message[at] = 0;
    message.writeUInt16BE(TYPE.OPT, at + 1);
    message.writeUInt16BE(TESTBED_LIMITS.udpSizeBytes.default, at + 3);
    message[at + 5] = this.#rcode >> 4;
    message[at + 6] = 0;
    message.writeUInt16BE(this.dnssecOk ? 0x8000 : 0, at + 7);
    message.writeUInt16BE(0, at + 9);
  }
}
