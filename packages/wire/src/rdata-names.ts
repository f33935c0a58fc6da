/** Which types may hold compressed names in their RDATA, and where (RFC 1035 §3.3, RFC 3597 §4). */

/** Octets before the names, character strings behind those, then so many names one after another. */
interface RdataNames {
  readonly skipBytes: number;
  readonly strings: number;
  readonly names: number;
}

function names(count: number, skipBytes = 0, strings = 0): RdataNames {
  return { skipBytes, strings, names: count };
}

const RDATA_NAMES: ReadonlyMap<number, RdataNames> = new Map([
  [2, names(1)], // NS
  [3, names(1)], // MD
  [4, names(1)], // MF
  [5, names(1)], // CNAME
  [6, names(2)], // SOA
  [7, names(1)], // MB
  [8, names(1)], // MG
  [9, names(1)], // MR
  [12, names(1)], // PTR
  [14, names(2)], // MINFO
  [15, names(1, 2)], // MX
  [17, names(2)], // RP
  [18, names(1, 2)], // AFSDB
  [21, names(1, 2)], // RT
  [24, names(1, 18)], // SIG
  [26, names(2, 2)], // PX
  [30, names(1)], // NXT
  [33, names(1, 6)], // SRV
  [35, names(1, 4, 3)], // NAPTR
]);

/**
 * Finds the first name in the RDATA of a record and how many follow one another from there.
 *
 * @param from start of the RDATA; `to` its end.
 * @returns `null` when a record of this type holds no name that could be compressed, or its RDATA is too short.
 */
export function namesInRdata(
  message: Buffer,
  type: number,
  from: number,
  to: number,
): { offset: number; count: number } | null {
  const shape = RDATA_NAMES.get(type);
  if (shape === undefined) return null;
  let offset = from + shape.skipBytes;
  for (let i = 0; i < shape.strings && offset < to; i++) offset += 1 + (message[offset] ?? 0);
  return offset < to ? { offset, count: shape.names } : null;
}
