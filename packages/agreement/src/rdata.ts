/** RDATA made equal: names uncompressed and in lower case, addresses cut to what the policy compares. */
import { appendName, type Scratch } from './name.ts';

/**
 * What is compared of an address. `exact`: all of it. `same-prefix`: its network. `ignore`: of a query for A or AAAA, only
 * whether there are addresses at all, however they are reached.
 */
export type AddressPolicy = 'exact' | 'same-prefix' | 'ignore';

export const ADDRESS_POLICIES: readonly AddressPolicy[] = ['exact', 'same-prefix', 'ignore'];

export interface RdataPolicy {
  readonly addresses: AddressPolicy;
  readonly ipv4PrefixBits: number;
  readonly ipv6PrefixBits: number;
}

export const RDATA_TYPE = { A: 1, AAAA: 28, RRSIG: 46, SVCB: 64, HTTPS: 65 } as const;

/** Octets before the names, character strings behind those, then so many names. */
type Shape = readonly [skipBytes: number, strings: number, names: number];

/** Types whose RDATA holds names that count without case (RFC 4034 §6.2). */
const SHAPES: ReadonlyMap<number, Shape> = new Map<number, Shape>([
  [2, [0, 0, 1]], // NS
  [5, [0, 0, 1]], // CNAME
  [6, [0, 0, 2]], // SOA
  [7, [0, 0, 1]], // MB
  [8, [0, 0, 1]], // MG
  [9, [0, 0, 1]], // MR
  [12, [0, 0, 1]], // PTR
  [14, [0, 0, 2]], // MINFO
  [15, [2, 0, 1]], // MX
  [17, [0, 0, 2]], // RP
  [18, [2, 0, 1]], // AFSDB
  [21, [2, 0, 1]], // RT
  [26, [2, 0, 2]], // PX
  [33, [6, 0, 1]], // SRV
  [35, [4, 3, 1]], // NAPTR
  [36, [2, 0, 1]], // KX
  [39, [0, 0, 1]], // DNAME
]);

/** Service parameters: of ECH only the presence is compared, since its keys change by the hour; hints are addresses. */
const PARAM = { IPV4_HINT: 4, ECH: 5, IPV6_HINT: 6 } as const;

/**
 * Appends the RDATA in [from, to) of one record. What is not of its type's form is taken as it is.
 *
 * @returns whether its names could be read.
 */
export function appendRdata(
  message: Buffer,
  type: number,
  from: number,
  to: number,
  policy: RdataPolicy,
  scratch: Scratch,
): boolean {
  if (type === RDATA_TYPE.A && to - from === 4) appendPrefix(message, from, to, bitsOf(policy, 32), scratch);
  else if (type === RDATA_TYPE.AAAA && to - from === 16)
    appendPrefix(message, from, to, bitsOf(policy, 128), scratch);
  else if (type === RDATA_TYPE.SVCB || type === RDATA_TYPE.HTTPS)
    return appendService(message, from, to, policy, scratch);
  else {
    const shape = SHAPES.get(type);
    if (shape !== undefined) return appendNames(message, shape, from, to, scratch);
    appendOctets(message, from, to, scratch);
  }
  return true;
}

function bitsOf(policy: RdataPolicy, all: 32 | 128): number {
  if (policy.addresses !== 'same-prefix') return all;
  return all === 32 ? policy.ipv4PrefixBits : policy.ipv6PrefixBits;
}

function appendPrefix(message: Buffer, from: number, to: number, bits: number, scratch: Scratch): void {
  for (let at = from, left = bits; at < to; at++, left -= 8) {
    const mask = left >= 8 ? 0xff : left <= 0 ? 0 : (0xff << (8 - left)) & 0xff;
    scratch.octets[scratch.end++] = (message[at] ?? 0) & mask;
  }
}

function appendNames(
  message: Buffer,
  [skip, strings, names]: Shape,
  from: number,
  to: number,
  scratch: Scratch,
): boolean {
  let at = from + skip;
  for (let i = 0; i < strings && at < to; i++) at += 1 + (message[at] ?? 0);
  if (at >= to) return false;
  appendOctets(message, from, at, scratch);
  for (let i = 0; i < names; i++) {
    at = appendName(message, at, to, scratch);
    if (at < 0) return false;
  }
  appendOctets(message, at, to, scratch);
  return true;
}

/** RFC 9460 §2.2. */
function appendService(
  message: Buffer,
  from: number,
  to: number,
  policy: RdataPolicy,
  scratch: Scratch,
): boolean {
  appendOctets(message, from, Math.min(from + 2, to), scratch);
  let at = appendName(message, from + 2, to, scratch);
  if (at < 0) return false;
  while (at + 4 <= to) {
    const key = message.readUInt16BE(at);
    const end = at + 4 + message.readUInt16BE(at + 2);
    if (end > to) return false;
    const isHint = key === PARAM.IPV4_HINT || key === PARAM.IPV6_HINT;
    if (key === PARAM.ECH) appendOctets(message, at, at + 2, scratch);
    else if (!isHint || policy.addresses === 'exact') appendOctets(message, at, end, scratch);
    at = end;
  }
  appendOctets(message, at, to, scratch);
  return true;
}

function appendOctets(message: Buffer, from: number, to: number, scratch: Scratch): void {
  scratch.end += message.copy(scratch.octets, scratch.end, from, to);
}
