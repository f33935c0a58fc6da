/** Builds messages octet by octet, so that tests can say exactly what they send, well-formed or not. */

export interface MessageParts {
  readonly id?: number;
  readonly flags?: number;
  readonly questions?: readonly Buffer[];
  readonly answers?: readonly Buffer[];
  readonly authorities?: readonly Buffer[];
  readonly additionals?: readonly Buffer[];
  readonly trailing?: Buffer;
}

export function message(parts: MessageParts): Buffer {
  const { questions = [], answers = [], authorities = [], additionals = [], trailing } = parts;
  const counts = [questions, answers, authorities, additionals].map((section) => section.length);
  return Buffer.concat([
    header(parts.id ?? 0x1234, parts.flags ?? 0x0100, counts),
    ...questions,
    ...answers,
    ...authorities,
    ...additionals,
    trailing ?? Buffer.alloc(0),
  ]);
}

export function header(id: number, flags: number, counts: readonly number[]): Buffer {
  return Buffer.concat([id, flags, ...counts].map(uint16));
}

export function uint16(value: number): Buffer {
  return Buffer.from([value >>> 8, value & 0xff]);
}

/** A name from labels in text, `.` for the root; `pointer` gives one that ends in a compression pointer. */
export function name(text: string): Buffer {
  const labels = text.split('.').filter((label) => label !== '');
  return Buffer.concat([...labels.map(label), Buffer.from([0])]);
}

function label(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')]);
}

export function pointer(target: number, ...before: string[]): Buffer {
  return Buffer.concat([...before.map(label), uint16(0xc000 | target)]);
}

export function question(qname: string | Buffer = 'www.example.com', qtype = 1, qclass = 1): Buffer {
  return Buffer.concat([nameBytes(qname), uint16(qtype), uint16(qclass)]);
}

export interface RecordParts {
  readonly owner?: string | Buffer;
  readonly type?: number;
  readonly recordClass?: number;
  readonly ttl?: number;
  readonly rdata?: Buffer;
}

export function record(parts: RecordParts = {}): Buffer {
  const { type = 1, recordClass = 1, ttl = 300, rdata = Buffer.from([192, 0, 2, 1]) } = parts;
  const owner = nameBytes(parts.owner ?? pointer(12));
  return Buffer.concat([
    owner,
    uint16(type),
    uint16(recordClass),
    uint16(ttl >>> 16),
    uint16(ttl & 0xffff),
    uint16(rdata.length),
    rdata,
  ]);
}

export interface OptParts {
  readonly udpSize?: number;
  readonly extendedRcode?: number;
  readonly version?: number;
  readonly flags?: number;
  readonly options?: readonly Buffer[];
}

export function opt(parts: OptParts = {}): Buffer {
  const { udpSize = 1232, extendedRcode = 0, version = 0, flags = 0, options = [] } = parts;
  const ttl = extendedRcode * 0x100_0000 + version * 0x1_0000 + flags;
  return record({ owner: '.', type: 41, recordClass: udpSize, ttl, rdata: Buffer.concat(options) });
}

export function option(code: number, data: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([uint16(code), uint16(data.length), data]);
}

function nameBytes(value: string | Buffer): Buffer {
  return typeof value === 'string' ? name(value) : value;
}
