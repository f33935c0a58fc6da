/**
 * What a response says, without what may differ between honest resolvers: TTLs, the order of records, compression and case
 * of names, signatures, OPT, the AA, AD and RA flags, and the sections behind the answer.
 */
import {
  COUNT_OFFSET,
  countOf,
  extendedRcodeOf,
  forEachOption,
  isResponse,
  isTruncated,
  type Layout,
  OPTION,
  RCODE,
  ttlOffsets,
  walk,
} from '@tridot/wire';
import { appendName, type Scratch } from './name.ts';
import { appendRdata, RDATA_TYPE, type RdataPolicy } from './rdata.ts';

export interface Rrset {
  readonly type: number;
  readonly records: Set<string>;
}

export interface Facts {
  /** `BOGUS`: the resolver says that the data does not validate, which is a statement about the data. */
  readonly verdict: 'NOERROR' | 'NXDOMAIN' | 'BOGUS';
  /** By owner, type and class. */
  readonly rrsets: ReadonlyMap<string, Rrset>;
}

/** Why a response says nothing that can be compared. */
export type Incomparable = 'UNREADABLE' | 'TRUNCATED' | `RCODE ${number}`;

/**
 * Names that are spelt out for one response, in octets. A response of the largest size has room for about as much without
 * compression; one that needs more is built to cost time.
 */
const MAX_NAME_OCTETS = 262_144;
const MAX_RDATA_BYTES = 65_535;
const MAX_NAMES_BYTES = 2 * 256;

/** TTL seen from TYPE and CLASS before it, RDLENGTH and RDATA behind it (RFC 1035 §4.1.3). */
const TYPE_BEFORE_TTL = 4;
const CLASS_BEFORE_TTL = 2;
const RDLENGTH_BEHIND_TTL = 4;
const RDATA_BEHIND_TTL = 6;
const POINTER_MARK = 0xc0;

/** Info codes that say what DNSSEC validation found (RFC 8914 §4.6 to §4.13), 5 to 12. */
const FIRST_DNSSEC_EDE = 5;
const LAST_DNSSEC_EDE = 12;

/** Used by one call at a time: nothing in here waits. */
const scratch: Scratch = { octets: Buffer.alloc(MAX_RDATA_BYTES + MAX_NAMES_BYTES), end: 0 };

/**
 * The facts of a response, in time linear in its length, whatever its octets are. Never throws and changes nothing.
 *
 * @param qtype decides, with the policy `ignore`, what is looked at.
 */
export function factsOf(response: Buffer, qtype: number, policy: RdataPolicy): Facts | Incomparable {
  const layout = walk(response);
  if (layout.fault !== null || !isResponse(response)) return 'UNREADABLE';
  if (isTruncated(response)) return 'TRUNCATED';
  const rcode = extendedRcodeOf(response, layout);
  if (rcode === RCODE.SERVFAIL && saysBogus(response, layout)) return { verdict: 'BOGUS', rrsets: new Map() };
  if (rcode !== RCODE.NOERROR && rcode !== RCODE.NXDOMAIN) return `RCODE ${rcode}`;
  const rrsets = answerRrsets(response, layout, qtype, policy);
  if (rrsets === null) return 'UNREADABLE';
  return { verdict: rcode === RCODE.NXDOMAIN ? 'NXDOMAIN' : 'NOERROR', rrsets };
}

function saysBogus(response: Buffer, layout: Layout): boolean {
  let found = false;
  forEachOption(response, layout, (code, start, end) => {
    if (code !== OPTION.EXTENDED_ERROR || end - start < 2) return;
    const infoCode = response.readUInt16BE(start);
    if (infoCode >= FIRST_DNSSEC_EDE && infoCode <= LAST_DNSSEC_EDE) found = true;
  });
  return found;
}

function answerRrsets(
  response: Buffer,
  layout: Layout,
  qtype: number,
  policy: RdataPolicy,
): Map<string, Rrset> | null {
  const rrsets = new Map<string, Rrset>();
  const ttls = ttlOffsets(response, layout);
  const count = Math.min(countOf(response, COUNT_OFFSET.ANSWER), ttls.length);
  const anyAddress = policy.addresses === 'ignore' && isAddressType(qtype);
  let ownerStart = layout.questionEnd;
  let lastPointer = -1;
  let owner = '';
  let nameOctets = 0;
  for (let i = 0; i < count; i++) {
    const ttl = ttls[i] ?? 0;
    const type = response.readUInt16BE(ttl - TYPE_BEFORE_TTL);
    const rdata = ttl + RDATA_BEHIND_TTL;
    const end = rdata + response.readUInt16BE(ttl + RDLENGTH_BEHIND_TTL);
    if (anyAddress) {
      if (type === qtype) rrsets.set('', { type, records: new Set(['any']) });
    } else if (type !== RDATA_TYPE.RRSIG) {
      const pointer = response.readUInt16BE(ownerStart);
      if (pointer !== lastPointer || pointer < POINTER_MARK << 8) {
        scratch.end = 0;
        if (appendName(response, ownerStart, response.length, scratch) < 0) return null;
        owner = written();
        lastPointer = pointer;
        nameOctets += owner.length;
      }
      scratch.end = 0;
      if (!appendRdata(response, type, rdata, end, policy, scratch)) return null;
      nameOctets += Math.max(0, scratch.end - (end - rdata));
      if (nameOctets > MAX_NAME_OCTETS) return null;
      const rrclass = response.readUInt16BE(ttl - CLASS_BEFORE_TTL);
      add(rrsets, `${type} ${rrclass} ${owner}`, type, written());
    }
    ownerStart = end;
  }
  return rrsets;
}

function add(rrsets: Map<string, Rrset>, key: string, type: number, record: string): void {
  const rrset = rrsets.get(key);
  if (rrset === undefined) rrsets.set(key, { type, records: new Set([record]) });
  else rrset.records.add(record);
}

function written(): string {
  return scratch.octets.toString('latin1', 0, scratch.end);
}

export function isAddressType(type: number): boolean {
  return type === RDATA_TYPE.A || type === RDATA_TYPE.AAAA;
}
