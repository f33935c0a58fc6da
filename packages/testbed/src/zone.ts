/** The example zone: what the upstream answers when no behaviour says otherwise. The README lists its names. */
import { CLASS, findOpt, HEADER_BYTES, lowerCase, skipName, TYPE } from './message.ts';
import { keyOf, type RecordSet, WILDCARD_NODE, ZONE_NODES, type ZoneNode } from './zone-data.ts';
import * as rr from './zone-records.ts';
import { ZoneResponse } from './zone-response.ts';
import { recordsNode, sizedAnswer, tokenSet } from './zone-synthesis.ts';

const RCODE = { NOERROR: 0, FORMERR: 1, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 } as const;

/**
 * Answers one query from the example zone, without decoding it as a whole: a load test asks it tens of thousands of times
 * in a second.
 *
 * @returns the response, unframed, with the query's ID and question octets; null for what is not a query.
 */
export function answerFromZone(query: Buffer): Buffer | null {
  if (query.length < HEADER_BYTES || ((query[2] ?? 0) & 0x80) !== 0) return null;
  const questions = query.readUInt16BE(4);
  const nameEnd = questions === 0 ? HEADER_BYTES : skipName(query, HEADER_BYTES);
  const questionEnd = questions === 0 ? HEADER_BYTES : nameEnd + 4;
  const readable = questions <= 1 && nameEnd > 0 && questionEnd <= query.length;
  if (!readable) return new ZoneResponse(query, HEADER_BYTES, -1).rcode(RCODE.FORMERR).toBuffer();
  const response = new ZoneResponse(query, questionEnd, optOffset(query, questionEnd));
  if (((query[2] ?? 0) & 0x78) !== 0) return response.rcode(RCODE.NOTIMP).toBuffer();
  if (response.ednsVersion > 0) return response.rcode(RCODE.BADVERS).toBuffer();
  if (questions === 0) return response.toBuffer();
  const type = query.readUInt16BE(nameEnd);
  if (query.readUInt16BE(nameEnd + 2) !== CLASS.IN) return otherClass(query, nameEnd, type, response);
  return internet(query, nameEnd, type, response);
}

const APEX = keyOf('example.com');
const WILDCARD = keyOf('wild.example.com');
const NXDOMAIN = keyOf('nxdomain.example.com');
const VERSION_BIND = keyOf('version.bind');

function internet(query: Buffer, nameEnd: number, type: number, response: ZoneResponse): Buffer {
  const name = lowerCaseKey(query, nameEnd);
  const fixed = ZONE_NODES.get(name);
  if (fixed !== undefined) return fromNode(fixed, type, response);
  if (!name.endsWith(APEX)) return response.rcode(RCODE.REFUSED).toBuffer();
  if (name.endsWith(NXDOMAIN)) return negative(response.rcode(RCODE.NXDOMAIN));
  if (name.endsWith(WILDCARD)) return fromNode(WILDCARD_NODE, type, response);
  return synthesized(name, type, response);
}

/** Names that carry a number in their first label, and any other: every name below the apex exists. */
function synthesized(name: string, type: number, response: ZoneResponse): Buffer {
  const first = name.slice(1, 1 + name.charCodeAt(0));
  const number = numberedLabel(first);
  if (number !== null) {
    if (number.word === 'size') return sizedAnswer(response, number.value, type);
    if (number.word === 'records') return fromNode(recordsNode(number.value), type, response);
    if (number.word === 'rcode') return response.rcode(number.value).toBuffer();
  }
  const set = tokenSet(name, type);
  return set === null ? negative(response) : response.answer(set).toBuffer();
}

function fromNode(node: ZoneNode, type: number, response: ZoneResponse): Buffer {
  const set: RecordSet | undefined = node.sets.get(type) ?? node.sets.get(TYPE.CNAME);
  if (node.signed && response.wantsAuthenticData) response.authenticData();
  if (set === undefined) return negative(response);
  response.answer(set);
  if (node.signed && response.dnssecOk && type !== TYPE.ANY) response.answer(signature(type));
  return response.toBuffer();
}

const signatures = new Map<number, RecordSet>();

function signature(type: number): RecordSet {
  const known = signatures.get(type);
  if (known !== undefined) return known;
  const set = { count: 1, octets: rr.record(TYPE.RRSIG, rr.rrsig(type, 2)) };
  signatures.set(type, set);
  return set;
}

function otherClass(query: Buffer, nameEnd: number, type: number, response: ZoneResponse): Buffer {
  const chaos = query.readUInt16BE(nameEnd + 2) === CLASS.CH && lowerCaseKey(query, nameEnd) === VERSION_BIND;
  if (!chaos || type !== TYPE.TXT) return response.rcode(RCODE.REFUSED).toBuffer();
  const octets = rr.record(TYPE.TXT, rr.txt('tridot testbed'));
  octets.writeUInt16BE(CLASS.CH, 4);
  return response.answer({ count: 1, octets }).toBuffer();
}

function negative(response: ZoneResponse): Buffer {
  return response.authority(1, rr.negativeAuthority).toBuffer();
}

function lowerCaseKey(query: Buffer, nameEnd: number): string {
  const key = query.toString('latin1', HEADER_BYTES, nameEnd);
  for (let at: number = HEADER_BYTES; at < nameEnd; at += 1) {
    const octet = query[at] ?? 0;
    // Rare (0x20 clients), and toLowerCase() of the whole would change octets above 127 too.
    if (octet !== lowerCase(octet)) return key.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  }
  return key;
}

function numberedLabel(label: string): { word: string; value: number } | null {
  const dash = label.indexOf('-');
  if (dash !== 4 && dash !== 5 && dash !== 7) return null;
  const found = /^(size|records|rcode)-(\d{1,5})$/.exec(label);
  return found === null ? null : { word: found[1] ?? '', value: Number(found[2]) };
}

/** Offset of the OPT record; -1: none. Nearly always it stands alone behind the question. */
function optOffset(query: Buffer, questionEnd: number): number {
  const additional = query.readUInt16BE(10);
  if (additional === 0) return -1;
  const alone = additional === 1 && query.readUInt32BE(6) === 0x0000_0001;
  const there =
    questionEnd + 11 <= query.length && query[questionEnd] === 0 && query[questionEnd + 2] === TYPE.OPT;
  if (alone && there && query[questionEnd + 1] === 0) return questionEnd;
  return findOpt(query)?.start ?? -1;
}
