import { buildOutgoing, type OutgoingQuery, walk } from '@tridot/wire';

export interface QueryParts {
  readonly type?: number;
  readonly opcode?: number;
  /** The client's own OPT record, without options. */
  readonly edns?: boolean;
}

/** A query ready for the upstream hop, from a client's query. */
export function outgoing(
  qname: string,
  { type = 1, opcode = 0, edns = false }: QueryParts = {},
): OutgoingQuery {
  const header = Buffer.from([0x12, 0x34, 0x01 | (opcode << 3), 0, 0, 1, 0, 0, 0, 0, 0, edns ? 1 : 0]);
  const opt = edns ? Buffer.from([0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]) : Buffer.alloc(0);
  const query = Buffer.concat([header, nameOf(qname), Buffer.from([0, type, 0, 1]), opt]);
  return buildOutgoing(query, walk(query));
}

function nameOf(qname: string): Buffer {
  const labels = qname
    .split('.')
    .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

export interface ResponseParts {
  readonly rcode?: number;
  /** Appended behind the question and not counted. */
  readonly trailing?: Buffer;
  /** Counted as one additional record. */
  readonly additional?: Buffer;
}

/** A response with the query's ID and question. */
export function responseTo(query: Buffer, { rcode = 0, trailing, additional }: ResponseParts = {}): Buffer {
  const { questionEnd } = walk(query);
  const response = Buffer.concat([
    query.subarray(0, questionEnd),
    additional ?? Buffer.alloc(0),
    trailing ?? Buffer.alloc(0),
  ]);
  response[2] = (response[2] ?? 0) | 0x80;
  response[3] = 0x80 | rcode;
  response.writeUInt16BE(additional === undefined ? 0 : 1, 10);
  return response;
}

/** An OPT record with edns-tcp-keepalive (RFC 7828 §3.1). */
export function keepaliveOpt(hundredMs: number): Buffer {
  return Buffer.from([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 6, 0, 11, 0, 2, hundredMs >>> 8, hundredMs & 0xff]);
}

/** The name in our own probes. */
export const PROBE_NAME = '';

/** The first question's name, in text. */
export function qnameOf(message: Buffer): string {
  const labels: string[] = [];
  for (let at = 12; message[at] !== 0 && message[at] !== undefined; at += 1 + (message[at] ?? 0)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + (message[at] ?? 0)));
  }
  return labels.join('.');
}
