/** Responses as they occur in the world, for a question that the case chooses. */
import { responseTo } from './answers.ts';
import { aRecord, labels, message, name, POINTER_TO_QNAME, ROOT, record } from './bytes/build.ts';
import { FLAG, RCODE, TYPE } from './bytes/numbers.ts';
import type { ReadMessage } from './bytes/read.ts';

export interface ResponseShape {
  /** The requirement that it belongs to. */
  readonly row: 'H2' | 'H29' | 'H30' | 'H21';
  readonly slug: string;
  readonly what: string;
  readonly reference: string;
  readonly make: (query: ReadMessage) => Buffer;
}

const ZONE = name('example.com');
const SOA_RDATA = Buffer.concat([
  name('ns.example.com'),
  name('hostmaster.example.com'),
  Buffer.from('0000000100001c2000000708001275000000003c', 'hex'),
]);
const SOA = record({ owner: ZONE, type: TYPE.SOA, rdata: SOA_RDATA });

export const RESPONSE_SHAPES: readonly ResponseShape[] = [
  shape('H2', 'authoritative', 'a response with AA, AD, Z and without RA', 'RFC 5625 §3', (query) =>
    responseTo(query, { flags: FLAG.QR | FLAG.AA | FLAG.AD | FLAG.Z | FLAG.RD }),
  ),
  shape('H2', 'nxdomain', 'an NXDOMAIN with its SOA', 'RFC 2308 §2.1', (query) =>
    responseTo(query, { rcode: RCODE.NXDOMAIN, authorities: [SOA] }),
  ),
  shape('H2', 'ttl-extremes', 'TTLs from 0 to 2^32 - 1', 'RFC 2181 §8', (query) =>
    responseTo(query, {
      answers: [0, 1, 0x7fffffff, 0x80000000, 0xffffffff].map((ttl) =>
        aRecord('192.0.2.1', POINTER_TO_QNAME, ttl),
      ),
    }),
  ),
  shape('H2', 'classes', 'records of other classes', 'RFC 5625 §4.3', (query) =>
    responseTo(query, {
      answers: [3, 4, 254, 255, 65_280].map((klass) =>
        record({
          owner: POINTER_TO_QNAME,
          type: TYPE.TXT,
          class: klass,
          rdata: Buffer.from('\x01x', 'latin1'),
        }),
      ),
    }),
  ),
  shape('H2', 'empty-rdata', 'records with empty RDATA', 'RFC 3597 §4', (query) =>
    responseTo(query, {
      answers: [TYPE.A, TYPE.TXT, 65_280].map((type) =>
        record({ owner: POINTER_TO_QNAME, type, rdata: Buffer.alloc(0) }),
      ),
    }),
  ),
  shape('H2', 'uncompressed', 'names written in full', 'RFC 1035 §4.1.4', (query) =>
    responseTo(query, { answers: [aRecord('192.0.2.1', query.questions[0]?.name ?? ROOT)] }),
  ),
  shape('H2', 'trailing', 'octets behind the last record', 'RFC 5625 §3', (query) =>
    responseTo(query, { answers: [aRecord('192.0.2.1')], tail: Buffer.from('tail') }),
  ),
  shape('H2', 'bare', 'a response of header and question alone', 'RFC 5625 §3', (query) => responseTo(query)),
  shape('H21', 'response', 'names with every octet there is', 'RFC 2181 §11', (query) =>
    responseTo(query, {
      answers: [0, 0x40, 0x80, 0xc0].map((base) =>
        aRecord(
          '192.0.2.1',
          labels([Buffer.from(Array.from({ length: 63 }, (_, index) => base + index)), 'example']),
        ),
      ),
    }),
  ),
  shape('H29', 'referral', 'a referral with glue', 'RFC 5625 §3, RFC 9471 §3', (query) =>
    responseTo(query, {
      flags: FLAG.QR | FLAG.RD,
      authorities: [record({ owner: ZONE, type: TYPE.NS, rdata: name('ns.example.com') })],
      additionals: [aRecord('192.0.2.53', name('ns.example.com'))],
    }),
  ),
  shape('H29', 'nodata-without-soa', 'NODATA without an SOA', 'RFC 2308 §2.2', (query) => responseTo(query)),
  shape('H29', 'cname-chain', 'a chain of CNAME and DNAME', 'RFC 5625 §3', (query) =>
    responseTo(query, {
      answers: [
        record({ owner: POINTER_TO_QNAME, type: TYPE.CNAME, rdata: name('a.example.com') }),
        record({ owner: ZONE, type: TYPE.DNAME, rdata: name('example.net') }),
        record({ owner: name('a.example.com'), type: TYPE.CNAME, rdata: name('a.example.net') }),
        aRecord('192.0.2.1', name('a.example.net')),
      ],
    }),
  ),
  shape('H30', 'svcb', 'SVCB and HTTPS records', 'RFC 3597, RFC 9460 §2', (query) =>
    responseTo(query, {
      answers: [TYPE.SVCB, TYPE.HTTPS].map((type) =>
        record({
          owner: POINTER_TO_QNAME,
          type,
          rdata: Buffer.concat([
            Buffer.from('0001', 'hex'),
            ROOT,
            Buffer.from('0001000302683200030002d903', 'hex'),
          ]),
        }),
      ),
    }),
  ),
  shape('H30', 'dnssec', 'DS, RRSIG and NSEC3 records', 'RFC 3597, RFC 4034', (query) =>
    responseTo(query, {
      answers: [
        record({
          owner: POINTER_TO_QNAME,
          type: TYPE.DS,
          rdata: Buffer.from('ec450802'.padEnd(72, '0'), 'hex'),
        }),
      ],
      authorities: [
        record({
          owner: ZONE,
          type: TYPE.RRSIG,
          rdata: Buffer.concat([Buffer.alloc(18, 1), ZONE, Buffer.alloc(64, 0xc0)]),
        }),
        record({
          owner: labels(['0p9mhaveqvm6t7vbl5lop2u3t2rp3tom', 'example', 'com']),
          type: TYPE.NSEC3,
          rdata: Buffer.from('0101000100142b', 'hex'),
        }),
      ],
    }),
  ),
  shape('H30', 'tlsa', 'a TLSA record', 'RFC 3597, RFC 6698', (query) =>
    responseTo(query, {
      answers: [
        record({
          owner: POINTER_TO_QNAME,
          type: TYPE.TLSA,
          rdata: Buffer.concat([Buffer.from([3, 1, 1]), Buffer.alloc(32, 0xcc)]),
        }),
      ],
    }),
  ),
  shape('H2', 'all-sections', 'a response with records in all sections', 'RFC 5625 §3', (query) =>
    message({
      id: query.id,
      flags: FLAG.QR | FLAG.RD | FLAG.RA,
      questions: query.questions,
      answers: [aRecord('192.0.2.1')],
      authorities: [SOA],
      additionals: [aRecord('192.0.2.2', name('other.example.com'))],
    }),
  ),
];

function shape(
  row: ResponseShape['row'],
  slug: string,
  what: string,
  reference: string,
  make: ResponseShape['make'],
): ResponseShape {
  return { row, slug, what, reference, make };
}
