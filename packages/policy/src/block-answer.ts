/** What is said about a blocked name. */
import { RCODE } from '@tridot/wire';
import { encodeRecord, encodeSoa, found, nothing, qnameOwner, type Statement, TYPE } from './record.ts';
import type { ScannedName } from './scanned-name.ts';

/**
 * `nxdomain`: the name does not exist. `zero`: it has the addresses 0.0.0.0 and ::, to which nothing can be sent, and no
 * other records; for programs that take the first for a failure of the network and ask again and again.
 */
export type BlockAnswer = 'nxdomain' | 'zero';

/**
 * "Blocked": on a list of the one who runs this server. 16 (censored) would be somebody else's order, 17 (filtered) a wish
 * of the client (RFC 8914 §4.16 to §4.18).
 */
export const EDE_BLOCKED = 15;

const ZERO_ADDRESSES = [
  { type: TYPE.A, rdata: Buffer.alloc(4) },
  { type: TYPE.AAAA, rdata: Buffer.alloc(16) },
];

/** @param label the label of `name` with which the listed name begins. */
export function blockedStatement(
  answer: BlockAnswer,
  name: ScannedName,
  label: number,
  qtype: number,
  ttlSeconds: number,
): Statement {
  if (answer === 'zero') {
    const records = ZERO_ADDRESSES.filter(({ type }) => type === qtype || qtype === TYPE.ANY);
    if (records.length > 0) {
      return found(records.map((record) => encodeRecord(qnameOwner(0), { ...record, ttlSeconds })));
    }
  }
  const soa = encodeSoa(qnameOwner(name.starts[label] ?? 0), ttlSeconds);
  return nothing(answer === 'zero' ? RCODE.NOERROR : RCODE.NXDOMAIN, soa);
}
