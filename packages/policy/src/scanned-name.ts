/** The name of a query, made ready to be looked up with all the names above it. */

const MAX_NAME_BYTES = 255;
const MAX_LABELS = 127;

/** Prime and start of FNV-1a, whose steps are one operation for each octet. */
const FNV_PRIME = 0x0100_0193;
const FNV_START = 0x811c_9dc5 | 0;

/**
 * One name in lower case, where its labels begin, and a hash of each suffix: of the whole name, of the name without its
 * first label, and so on. The hash runs from the last octet to the first, so that all of them cost one pass. Meant to be
 * used again for every query: it allocates nothing after it was made.
 *
 * RFC 1035 §3.1, RFC 4343 §3
 */
export class ScannedName {
  /** The name in lower case, root label included; only `[0, end)` counts. */
  readonly octets = new Uint8Array(MAX_NAME_BYTES + 1);
  /** Where in `octets` each label begins, its length octet first. */
  readonly starts = new Uint8Array(MAX_LABELS + 1);
  /** Hash of the suffix that begins with that label. */
  readonly hashes = new Uint32Array(MAX_LABELS + 1);
  /** How many labels, without the root. */
  labels = 0;
  /** Octets of the name, root label included. */
  end = 0;

  /**
   * Takes a sound name without compression pointers.
   *
   * @param from where in `source` its first length octet lies.
   */
  scan(source: Uint8Array, from: number): void {
    const { octets, starts, hashes } = this;
    let at = 0;
    let labels = 0;
    for (;;) {
      const length = source[from + at] ?? 0;
      if (length === 0 || length > 63 || at + length > MAX_NAME_BYTES - 2) break;
      starts[labels++] = at;
      octets[at++] = length;
      for (const labelEnd = at + length; at < labelEnd; at++) octets[at] = lowerCase(source[from + at] ?? 0);
    }
    octets[at] = 0;
    this.labels = labels;
    this.end = at + 1;
    let hash = FNV_START;
    for (let label = labels - 1; label >= 0; label--) {
      const start = starts[label] ?? 0;
      for (at--; at >= start; at--) hash = Math.imul(hash ^ (octets[at] ?? 0), FNV_PRIME);
      at = start;
      hashes[label] = mixed(hash);
    }
  }
}

/** Octets of a name have no case unless they are ASCII letters; a length octet is at most 63 and never one of them. */
export function lowerCase(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
}

/** Hash of a name in lower case whose octets, without the root label, are [from, end). */
export function hashOf(octets: Uint8Array, from: number, end: number): number {
  let hash = FNV_START;
  for (let at = end - 1; at >= from; at--) hash = Math.imul(hash ^ (octets[at] ?? 0), FNV_PRIME);
  return mixed(hash) >>> 0;
}

/** Spreads what FNV leaves in the low bits, since a slot is chosen by the high ones (the finish of MurmurHash3). */
function mixed(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return h ^ (h >>> 16);
}
