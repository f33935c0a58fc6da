import { TESTBED_LIMITS } from './limits.ts';
import { CLASS, TYPE } from './message.ts';
import { encodeName } from './names.ts';
import { uint16 } from './query.ts';

/** A pointer to the question's name, which begins behind the header. */
const QNAME_POINTER = Buffer.from([0xc0, 0x0c]);

const TTL_SECONDS: number = TESTBED_LIMITS.ttlSeconds.default;

/** One record. `owner` is a wire name or a pointer. */
export function record(
  type: number,
  rdata: Buffer,
  owner: Buffer = QNAME_POINTER,
  ttlSeconds = TTL_SECONDS,
): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(CLASS.IN, 2);
  fixed.writeUInt32BE(ttlSeconds, 4);
  fixed.writeUInt16BE(rdata.length, 8);
  return Buffer.concat([owner, fixed, rdata]);
}

export const a = (address: string): Buffer => Buffer.from(address.split('.').map(Number));

/** RDATA of AAAA: 2001:db8:: with the last 32 bits given. */
export function aaaa(host: number): Buffer {
  const rdata = Buffer.alloc(16);
  rdata.writeUInt32BE(0x2001_0db8, 0);
  rdata.writeUInt32BE(host, 12);
  return rdata;
}

export const mx = (preference: number, host: string): Buffer =>
  Buffer.concat([uint16(preference), encodeName(host)]);

/** RDATA of TXT: one character-string for each text, cut at 255 octets. */
export function txt(...texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const octets = Buffer.from(text, 'latin1').subarray(0, 255);
      return [Buffer.from([octets.length]), octets];
    }),
  );
}

export function soa(): Buffer {
  const numbers = Buffer.alloc(20);
  const values = [2026_01_01, 7_200, 3_600, 1_209_600, TESTBED_LIMITS.negativeTtlSeconds.default];
  for (const [index, value] of values.entries()) numbers.writeUInt32BE(value, index * 4);
  return Buffer.concat([encodeName('ns1.example.com'), encodeName('hostmaster.example.com'), numbers]);
}

export const caa = (tag: string, value: string): Buffer =>
  Buffer.concat([Buffer.from([0]), txt(tag), Buffer.from(value, 'latin1')]);

/** RDATA of HTTPS in service mode for the name itself, with ALPN and an address hint (RFC 9460 §2.2). */
export function https(alpn: readonly string[], hint: string): Buffer {
  const alpnValue = txt(...alpn);
  const hintValue = a(hint);
  return Buffer.concat([
    uint16(1),
    encodeName('.'),
    uint16(1),
    uint16(alpnValue.length),
    alpnValue,
    uint16(4),
    uint16(hintValue.length),
    hintValue,
  ]);
}

/** RDATA that has the shape of a signature over `covered` and verifies nothing (RFC 4034 §3.1). */
export function rrsig(covered: number, labels: number): Buffer {
  const fixed = Buffer.alloc(18);
  fixed.writeUInt16BE(covered, 0);
  fixed[2] = 13;
  fixed[3] = labels;
  fixed.writeUInt32BE(TTL_SECONDS, 4);
  fixed.writeUInt32BE(2_082_758_400, 8);
  fixed.writeUInt32BE(1_735_689_600, 12);
  fixed.writeUInt16BE(4242, 16);
  return Buffer.concat([fixed, encodeName('example.com'), Buffer.alloc(64, 0x5a)]);
}

/** RDATA of the answer to ANY (RFC 8482 §4.2). */
export const hinfo = (): Buffer => txt('RFC8482', '');

/** RDATA with octets that look like compression pointers and must pass untouched (RFC 3597 §4). */
export const opaque = (): Buffer => Buffer.from('c00cc00cffff', 'hex');

/** The SOA record for the authority section of a negative answer. */
export const negativeAuthority: Buffer = record(
  TYPE.SOA,
  soa(),
  encodeName('example.com'),
  TESTBED_LIMITS.negativeTtlSeconds.default,
);
