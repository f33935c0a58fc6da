/** Local records from the settings. */
import { addressOctets } from './addresses.ts';
import { PolicyOptionError } from './errors.ts';
import { nameOctets } from './presentation-name.ts';
import { type LocalRecord, TYPE } from './record.ts';

/** Types that a local record may have. */
export const LOCAL_TYPES = ['A', 'AAAA', 'CNAME', 'TXT', 'PTR', 'SRV', 'MX'] as const;
export type LocalType = (typeof LOCAL_TYPES)[number];

/** One record of the settings. */
export interface LocalRecordOptions {
  /**
   * Owner, as in a zone file, always complete (the dot at the end may be left out). `*.example.com` answers for every name
   * below `example.com` that is no local name and has none above it that is nearer (RFC 4592 §3.3.1).
   */
  readonly name: string;
  readonly type: LocalType;
  /**
   * A and AAAA: the address. CNAME and PTR: a name. MX: `10 mail.example.com`. SRV: `0 5 389 ldap.example.com` (priority,
   * weight, port, target). TXT: the text as it is, without quotes; more than 255 octets become several strings. As the
   * target of MX and SRV, `.` says that there is none (RFC 7505, RFC 2782).
   */
  readonly value: string;
  /** 0 to 604 800; default: the limit `localTtlSeconds`. */
  readonly ttlSeconds?: number;
}

/** A record with its owner. */
export interface OwnedRecord {
  /** Octets of the owner; for a wildcard those of the name above the asterisk. */
  readonly owner: Buffer;
  readonly isWildcard: boolean;
  readonly record: LocalRecord;
}

const ASTERISK_LABEL = Buffer.from('\x01*');
const MAX_TTL_SECONDS = 604_800;

/** @throws {PolicyOptionError} ERR_LOCAL_RECORD: name, type, value or TTL cannot be used. */
export function localRecord(given: LocalRecordOptions, defaultTtlSeconds: number): OwnedRecord {
  const name = nameOctets(given.name);
  if (name === null) throw refused(given, 'its name is no domain name');
  const isWildcard = name.subarray(0, ASTERISK_LABEL.length).equals(ASTERISK_LABEL);
  const owner = isWildcard ? name.subarray(ASTERISK_LABEL.length) : name;
  if (owner.length === 1) throw refused(given, 'a wildcard needs a name behind the asterisk');
  const ttlSeconds = given.ttlSeconds ?? defaultTtlSeconds;
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 0 || ttlSeconds > MAX_TTL_SECONDS) {
    throw refused(given, `its TTL is not 0 to ${MAX_TTL_SECONDS}`);
  }
  if (!LOCAL_TYPES.includes(given.type)) throw refused(given, `its type is not ${LOCAL_TYPES.join(', ')}`);
  const rdata = RDATA[given.type](given.value);
  if (typeof rdata === 'string') throw refused(given, rdata);
  return { owner, isWildcard, record: { type: TYPE[given.type], ttlSeconds, rdata } };
}

function refused(given: LocalRecordOptions, reason: string): PolicyOptionError {
  const shown = [given.name, given.type, given.value].map((part) => JSON.stringify(part)).join(' ');
  return new PolicyOptionError('ERR_LOCAL_RECORD', `local record ${shown}: ${reason}`);
}

/** RDATA, or what is wrong with the value. */
type Rdata = Buffer | string;

const RDATA: { readonly [type in LocalType]: (value: string) => Rdata } = {
  A: (value) => address(value, 4),
  AAAA: (value) => address(value, 16),
  CNAME: (value) => nameOctets(value) ?? 'its value is no domain name',
  PTR: (value) => nameOctets(value) ?? 'its value is no domain name',
  MX: (value) => numbersAndTarget(value, 1, 'its value is not "preference name"'),
  SRV: (value) => numbersAndTarget(value, 3, 'its value is not "priority weight port name"'),
  TXT: text,
};

function address(value: string, length: number): Rdata {
  const octets = addressOctets(value);
  return octets?.length === length ? octets : `its value is no IPv${length === 4 ? 4 : 6} address`;
}

function numbersAndTarget(value: string, numbers: number, problem: string): Rdata {
  const fields = value.trim().split(/\s+/);
  const target = fields.pop() ?? '';
  if (fields.length !== numbers) return problem;
  const octets = Buffer.alloc(numbers * 2);
  for (const [i, field] of fields.entries()) {
    if (!/^\d{1,5}$/.test(field) || Number(field) > 0xffff) return problem;
    octets.writeUInt16BE(Number(field), i * 2);
  }
  const name = target === '.' ? Buffer.alloc(1) : nameOctets(target);
  return name === null ? problem : Buffer.concat([octets, name]);
}

const MAX_STRING_BYTES = 255;
const MAX_TEXT_BYTES = 32_768;

function text(value: string): Rdata {
  const octets = Buffer.from(value);
  if (octets.length > MAX_TEXT_BYTES) return `its text is longer than ${MAX_TEXT_BYTES} octets`;
  const strings: Buffer[] = [];
  for (let at = 0; at === 0 || at < octets.length; at += MAX_STRING_BYTES) {
    const string = octets.subarray(at, at + MAX_STRING_BYTES);
    strings.push(Buffer.from([string.length]), string);
  }
  return Buffer.concat(strings);
}
