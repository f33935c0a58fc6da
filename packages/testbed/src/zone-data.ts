import { TYPE } from './message.ts';
import { encodeName } from './names.ts';
import * as rr from './zone-records.ts';

/** Records ready to be copied into an answer section. */
export interface RecordSet {
  readonly count: number;
  readonly octets: Buffer;
}

/** What one name holds. */
export interface ZoneNode {
  readonly sets: ReadonlyMap<number, RecordSet>;
  /** For a CNAME: the answer to any type, chain included. */
  readonly alias: ZoneNode | null;
  readonly signed: boolean;
}

/** The fixed names, by their wire form in lower case as a Latin-1 string. */
export const ZONE_NODES: ReadonlyMap<string, ZoneNode> = buildNodes();

/** What every name below `wild.example.com` holds. */
export const WILDCARD_NODE: ZoneNode = node({
  [TYPE.A]: [rr.a('192.0.2.42')],
  [TYPE.TXT]: [rr.txt('synthesized from *.wild.example.com')],
});

/** The key of a name given in presentation form. */
export function keyOf(name: string): string {
  return encodeName(name).toString('latin1');
}

function buildNodes(): Map<string, ZoneNode> {
  const apex = node(
    {
      [TYPE.A]: [rr.a('192.0.2.1')],
      [TYPE.AAAA]: [rr.aaaa(1)],
      [TYPE.MX]: [rr.mx(10, 'mail.example.com'), rr.mx(20, 'mail2.example.com')],
      [TYPE.TXT]: [rr.txt('v=spf1 -all'), rr.txt('two strings', 'in one record')],
      [TYPE.SOA]: [rr.soa()],
      [TYPE.NS]: [encodeName('ns1.example.com'), encodeName('ns2.example.com')],
      [TYPE.CAA]: [rr.caa('issue', 'ca.example.net')],
      [TYPE.HTTPS]: [rr.https(['h2', 'h3'], '192.0.2.1')],
      [TYPE.UNKNOWN]: [rr.opaque()],
    },
    true,
  );
  const nodes: [string, ZoneNode][] = [
    ['example.com', apex],
    ['www.example.com', aliasOf('example.com', apex)],
    ['signed.example.com', node({ [TYPE.A]: [rr.a('192.0.2.53')], [TYPE.TXT]: [rr.txt('signed')] }, true)],
    ['ns1.example.com', node({ [TYPE.A]: [rr.a('192.0.2.11')], [TYPE.AAAA]: [rr.aaaa(11)] })],
    ['ns2.example.com', node({ [TYPE.A]: [rr.a('192.0.2.12')], [TYPE.AAAA]: [rr.aaaa(12)] })],
    ['mail.example.com', node({ [TYPE.A]: [rr.a('192.0.2.25')] })],
    ['mail2.example.com', node({ [TYPE.A]: [rr.a('192.0.2.26')] })],
    ['nothing.example.com', node({})],
    ['loop.example.com', aliasOf('loop.example.com', node({}))],
    ['big.example.com', node({ [TYPE.TXT]: bigTexts(), [TYPE.A]: [rr.a('192.0.2.60')] })],
  ];
  return new Map(nodes.map(([name, value]) => [keyOf(name), value]));
}

/** 240 records of 238 octets of text: with their fixed fields about 60 KB. */
function bigTexts(): Buffer[] {
  return Array.from({ length: 240 }, (_, index) => rr.txt(`${index} `.padEnd(238, 'x')));
}

function node(records: Readonly<Record<number, readonly Buffer[]>>, signed = false): ZoneNode {
  const sets = new Map<number, RecordSet>();
  for (const [type, rdatas] of Object.entries(records)) {
    sets.set(Number(type), {
      count: rdatas.length,
      octets: Buffer.concat(rdatas.map((rdata) => rr.record(Number(type), rdata))),
    });
  }
  sets.set(TYPE.ANY, { count: 1, octets: rr.record(TYPE.HINFO, rr.hinfo()) });
  return { sets, alias: null, signed };
}

/** A name that is a CNAME for `target`. Its sets hold the whole chain. */
function aliasOf(target: string, targetNode: ZoneNode): ZoneNode {
  const targetName = encodeName(target);
  const cname = rr.record(TYPE.CNAME, targetName);
  const sets = new Map<number, RecordSet>([[TYPE.CNAME, { count: 1, octets: cname }]]);
  for (const [type, set] of targetNode.sets) {
    const owned = splitRecords(set).map((octets) => Buffer.concat([targetName, octets.subarray(2)]));
    sets.set(type, { count: 1 + set.count, octets: Buffer.concat([cname, ...owned]) });
  }
  return { sets, alias: targetNode, signed: false };
}

/** The records of a set whose owners are all two-octet pointers. */
function splitRecords(set: RecordSet): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < set.octets.length; ) {
    const end = at + 12 + set.octets.readUInt16BE(at + 10);
    records.push(set.octets.subarray(at, end));
    at = end;
  }
  return records;
}
