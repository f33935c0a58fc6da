import { TYPE } from './message.ts';
import { encodeName } from './names.ts';
import type { RecordSet, ZoneNode } from './zone-data.ts';
import * as rr from './zone-records.ts';
import type { ZoneResponse } from './zone-response.ts';

/**
 * Sixteen hexadecimal digits that tell one name from another, letter case aside. The answers of names that stand nowhere in
 * the zone are made of it, so that an answer which reached the wrong client is seen.
 *
 * @param name presentation form.
 */
export function nameDigest(name: string): string {
  return digestOf(lower(encodeName(name).toString('latin1')));
}

/** The address that A gives for a name which stands nowhere in the zone: 17 bits of its digest below 198.18.0.0/15. */
export function tokenAddress(name: string): string {
  const bits = fnv1a(lower(encodeName(name).toString('latin1')), SEED_LOW);
  return [198, 18 + ((bits >>> 16) & 1), (bits >>> 8) & 0xff, bits & 0xff].join('.');
}

/** The records of a name that stands nowhere in the zone; null: none of that type. */
export function tokenSet(name: string, type: number): RecordSet | null {
  if (type === TYPE.A) {
    const octets = Buffer.from(A_TEMPLATE);
    const bits = fnv1a(name, SEED_LOW);
    octets[13] = 18 + ((bits >>> 16) & 1);
    octets.writeUInt16BE(bits & 0xffff, 14);
    return { count: 1, octets };
  }
  if (type === TYPE.AAAA) {
    const octets = Buffer.from(AAAA_TEMPLATE);
    octets.writeUInt32BE(fnv1a(name, SEED_HIGH), 20);
    octets.writeUInt32BE(fnv1a(name, SEED_LOW), 24);
    return { count: 1, octets };
  }
  if (type === TYPE.TXT) return { count: 1, octets: rr.record(TYPE.TXT, rr.txt(`digest=${digestOf(name)}`)) };
  if (type === TYPE.ANY) return { count: 1, octets: rr.record(TYPE.HINFO, rr.hinfo()) };
  if (type === TYPE.UNKNOWN) return { count: 1, octets: rr.record(TYPE.UNKNOWN, rr.opaque()) };
  return null;
}

/** A name with `count` records of each of A, AAAA and TXT. */
export function recordsNode(count: number): ZoneNode {
  const many = (type: number, rdata: (index: number) => Buffer): [number, RecordSet] => {
    const octets = Array.from({ length: count }, (_, index) => rr.record(type, rdata(index)));
    return [type, { count, octets: Buffer.concat(octets) }];
  };
  const sets = new Map([
    many(TYPE.A, (index) => rr.a(`198.51.${100 + (index >> 8)}.${index & 0xff}`)),
    many(TYPE.AAAA, (index) => rr.aaaa(index + 1)),
    many(TYPE.TXT, (index) => rr.txt(`record ${index}`)),
  ]);
  return { sets, alias: null, signed: false };
}

const RECORD_FIXED_BYTES = 12;
const A_RECORD_BYTES = 16;
const MAX_MESSAGE_BYTES = 65_535;
const REFUSED = 5;

/**
 * A response of exactly `bytes` octets: for A as many addresses as fit, with a TXT record in the additional section for the
 * rest; for any other type one record with that much RDATA. REFUSED when the size cannot be met.
 */
export function sizedAnswer(response: ZoneResponse, bytes: number, type: number): Buffer {
  const room = bytes - response.baseBytes;
  if (room < 0 || (room > 0 && room <= RECORD_FIXED_BYTES) || bytes > MAX_MESSAGE_BYTES) {
    return response.rcode(REFUSED).toBuffer();
  }
  if (type !== TYPE.A) {
    if (room === 0) return response.toBuffer();
    return response.answer({ count: 1, octets: fillingRecord(type, room) }).toBuffer();
  }
  let count = Math.floor(room / A_RECORD_BYTES);
  let rest = room - count * A_RECORD_BYTES;
  if (rest > 0 && rest <= RECORD_FIXED_BYTES) {
    count -= 1;
    rest += A_RECORD_BYTES;
  }
  if (count > 0) response.answer(addresses(count));
  if (rest > 0) response.additional(1, fillingRecord(TYPE.TXT, rest));
  return response.toBuffer();
}

function addresses(count: number): RecordSet {
  const octets = Array.from({ length: count }, (_, index) =>
    rr.record(TYPE.A, rr.a(`198.51.${100 + (index >> 8)}.${index & 0xff}`)),
  );
  return { count, octets: Buffer.concat(octets) };
}

/** One record of `bytes` octets in all. Its RDATA is well-formed as TXT: character-strings of up to 255 octets. */
function fillingRecord(type: number, bytes: number): Buffer {
  const rdata = Buffer.alloc(bytes - RECORD_FIXED_BYTES, 'x');
  for (let at = 0; at < rdata.length; at += 256) rdata[at] = Math.min(255, rdata.length - at - 1);
  return rr.record(type, rdata);
}

const A_TEMPLATE = rr.record(TYPE.A, rr.a('198.18.0.0'));
const AAAA_TEMPLATE = rr.record(TYPE.AAAA, rr.aaaa(0));

const SEED_LOW = 0x811c_9dc5;
const SEED_HIGH = 0x1234_5679;

const lower = (key: string): string => key.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

const digestOf = (key: string): string =>
  [SEED_HIGH, SEED_LOW].map((seed) => fnv1a(key, seed).toString(16).padStart(8, '0')).join('');

function fnv1a(key: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x0100_0193);
  return hash >>> 0;
}
