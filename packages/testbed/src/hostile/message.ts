import { opt, type QueryFields, query, question, uint16 } from '../query.ts';

/**
 * What a forwarder is to do with a message. `formerr`, `badvers`, `notimp`: it says so itself, and the upstream sees nothing.
 * `silent`: no reply at all. `forwarded`: the upstream sees it. `hang-up`: over TCP the connection is ended. `either`: `formerr`
 * or `forwarded`, as the forwarder likes.
 */
export type HostileOutcome = 'formerr' | 'badvers' | 'notimp' | 'silent' | 'forwarded' | 'hang-up' | 'either';

/** A message as a bad or broken client sends it. */
export interface HostileMessage {
  /** Unique, and fit for the title of a test. */
  readonly name: string;
  readonly bytes: Buffer;
  /** What is expected over UDP; null: too long to be sent so. */
  readonly udp: HostileOutcome | null;
  /** What is expected over TCP. */
  readonly tcp: HostileOutcome;
}

/** One message with the same outcome over both transports. */
export function both(name: string, bytes: Buffer, outcome: HostileOutcome): HostileMessage {
  return { name, bytes, udp: outcome, tcp: outcome };
}

/** One message that no forwarder answers. */
export function response(name: string, bytes: Buffer): HostileMessage {
  return { name, bytes, udp: 'silent', tcp: 'hang-up' };
}

/** A sound query, but for the given fields. */
export const ask = (fields: Partial<QueryFields>): Buffer =>
  query({ name: 'example.com', id: 0x1234, ...fields });

export interface HeaderFields {
  readonly questions?: number;
  readonly answers?: number;
  readonly authority?: number;
  readonly additional?: number;
  readonly opcode?: number;
}

/** A header alone. */
export function header({
  questions = 1,
  answers = 0,
  authority = 0,
  additional = 0,
  opcode = 0,
}: HeaderFields): Buffer {
  const flags = 0x0100 | (opcode << 11);
  return Buffer.concat([0x1234, flags, questions, answers, authority, additional].map(uint16));
}

/** A sound question and these additional records. */
export function withRecords(records: readonly Buffer[]): Buffer {
  return Buffer.concat([
    header({ additional: records.length }),
    question({ name: 'example.com' }),
    ...records,
  ]);
}

/** A sound question and one additional record, in hexadecimal. */
export const extra = (hex: string): Buffer => withRecords([Buffer.from(hex.replaceAll(' ', ''), 'hex')]);

/** An OPT with these octets as RDATA, which may lie about their length. */
export function optOf(rdata: Buffer, claimedBytes = rdata.length): Buffer {
  return Buffer.concat([opt().subarray(0, 9), uint16(claimedBytes), rdata]);
}
