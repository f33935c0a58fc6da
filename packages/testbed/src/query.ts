import { randomInt } from 'node:crypto';
import { CLASS, type EdnsOption, TYPE } from './message.ts';
import { encodeName } from './names.ts';

/** The OPT record of a query (RFC 6891 §6.1). */
export interface EdnsFields {
  /** Default 1232. */
  readonly udpSize?: number;
  /** Default 0. */
  readonly version?: number;
  readonly dnssecOk?: boolean;
  /** The 15 flag bits after DO. Default 0. */
  readonly z?: number;
  readonly options?: readonly EdnsOption[];
}

export interface QueryFields {
  /** Presentation form with `\DDD` escapes, or wire form. */
  readonly name: string | Buffer;
  /** Number, or one of the names of {@link TYPE}. Default A. */
  readonly type?: number | keyof typeof TYPE;
  /** Number, or one of the names of {@link CLASS}. Default IN. */
  readonly class?: number | keyof typeof CLASS;
  /** Default: at random. */
  readonly id?: number;
  /** Default 0, QUERY. */
  readonly opcode?: number;
  /** Flags of the second header word. Default `['rd']`. */
  readonly flags?: readonly HeaderFlag[];
  /** Left out: no OPT. */
  readonly edns?: EdnsFields;
}

export type HeaderFlag = keyof typeof FLAG_BITS;

const FLAG_BITS = {
  qr: 0x8000,
  aa: 0x0400,
  tc: 0x0200,
  rd: 0x0100,
  ra: 0x0080,
  z: 0x0040,
  ad: 0x0020,
  cd: 0x0010,
} as const;

/** The octets of one query, unframed. */
export function query(fields: QueryFields): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(fields.id ?? randomInt(0x1_0000), 0);
  header.writeUInt16BE(flagBits(fields.flags ?? ['rd']) | ((fields.opcode ?? 0) << 11), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(fields.edns === undefined ? 0 : 1, 10);
  return Buffer.concat([header, question(fields), ...(fields.edns === undefined ? [] : [opt(fields.edns)])]);
}

/** The octets of one entry of the question section. */
export function question(fields: Pick<QueryFields, 'name' | 'type' | 'class'>): Buffer {
  const name = typeof fields.name === 'string' ? encodeName(fields.name) : fields.name;
  const type = typeof fields.type === 'string' ? TYPE[fields.type] : (fields.type ?? TYPE.A);
  const klass = typeof fields.class === 'string' ? CLASS[fields.class] : (fields.class ?? CLASS.IN);
  return Buffer.concat([name, uint16(type), uint16(klass)]);
}

/** The octets of one OPT record. */
export function opt(fields: EdnsFields & { readonly extendedRcode?: number } = {}): Buffer {
  const rdata = Buffer.concat(
    (fields.options ?? []).flatMap(({ code, data }) => [uint16(code), uint16(data.length), data]),
  );
  const record = Buffer.alloc(11);
  record.writeUInt16BE(TYPE.OPT, 1);
  record.writeUInt16BE(fields.udpSize ?? 1232, 3);
  record[5] = (fields.extendedRcode ?? 0) & 0xff;
  record[6] = fields.version ?? 0;
  record.writeUInt16BE((fields.dnssecOk === true ? 0x8000 : 0) | ((fields.z ?? 0) & 0x7fff), 7);
  record.writeUInt16BE(rdata.length, 9);
  return Buffer.concat([record, rdata]);
}

/** Two octets in network order. */
export function uint16(value: number): Buffer {
  const octets = Buffer.alloc(2);
  octets.writeUInt16BE(value);
  return octets;
}

function flagBits(flags: readonly HeaderFlag[]): number {
  return flags.reduce((bits, flag) => bits | FLAG_BITS[flag], 0);
}
