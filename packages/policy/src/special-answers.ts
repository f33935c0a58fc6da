/** What is said about a special name. */
import { RCODE } from '@tridot/wire';
import { hostNameOctets } from './host-name.ts';
import type { LocalNames } from './local-names.ts';
import { NameMap } from './name-map.ts';
import { encodeRecord, encodeSoa, found, nothing, qnameOwner, type Statement, TYPE } from './record.ts';
import type { ScannedName } from './scanned-name.ts';
import { type SpecialZone, specialZones } from './special-names.ts';

/** TTL and negative TTL of the zones of RFC 6303 §3; what holds for those holds for names that never change. */
const SPECIAL_TTL_SECONDS = 10_800;

const LOOPBACK = [
  { type: TYPE.A, ttlSeconds: SPECIAL_TTL_SECONDS, rdata: Buffer.from([127, 0, 0, 1]) },
  { type: TYPE.AAAA, ttlSeconds: SPECIAL_TTL_SECONDS, rdata: Buffer.from([...new Uint8Array(15), 1]) },
];

interface Node {
  readonly zone: SpecialZone | null;
}

const BETWEEN: Node = { zone: null };

export class SpecialAnswers {
  readonly #zones: NameMap<Node>;

  /** @throws {PolicyOptionError} ERR_SPECIAL_NAME: a switch that does not exist. */
  constructor(off: readonly string[]) {
    const nodes = new Map<string, Node>();
    for (const zone of specialZones(off)) {
      nodes.set(hostNameOctets(zone.name)?.toString('latin1') ?? '', { zone });
    }
    this.#zones = new NameMap(nodes, () => BETWEEN);
  }

  /**
   * @param local names in there exist, and so does every name above one of them.
   * @returns `null`: the name is not special, or its query has to go upstream.
   */
  answer(name: ScannedName, qtype: number, local: LocalNames): Statement | null {
    for (let label = name.labels - 1; label >= 0; label--) {
      const node = this.#zones.get(name, label);
      if (node === undefined) return null;
      if (node.zone !== null) return say(node.zone, name, label, qtype, local);
    }
    return null;
  }
}

function say(
  zone: SpecialZone,
  name: ScannedName,
  label: number,
  qtype: number,
  local: LocalNames,
): Statement | null {
  const owner = qnameOwner(name.starts[label] ?? 0);
  const isApex = label === 0;
  if (isApex && zone.forwardsDs && qtype === TYPE.DS) return null;
  const soa = encodeSoa(owner, SPECIAL_TTL_SECONDS);
  if (zone.kind === 'loopback') {
    const records = LOOPBACK.filter(({ type }) => type === qtype || qtype === TYPE.ANY);
    if (records.length > 0) return found(records.map((record) => encodeRecord(qnameOwner(0), record)));
  }
  if (zone.kind === 'empty' && isApex) {
    const ns = encodeRecord(owner, { type: TYPE.NS, ttlSeconds: SPECIAL_TTL_SECONDS, rdata: owner });
    if (qtype === TYPE.SOA) return found([soa]);
    if (qtype === TYPE.NS) return found([ns]);
    if (qtype === TYPE.ANY) return found([soa, ns]);
  }
  const exists =
    zone.kind === 'loopback' ||
    zone.kind === 'no-data' ||
    (zone.kind === 'empty' && isApex) ||
    local.exists(name);
  return nothing(exists ? RCODE.NOERROR : RCODE.NXDOMAIN, soa);
}
