/** The TTL fields of a message, found once and then read and aged in place. */
import { readUint32, writeUint32 } from './integers.ts';
import { type Layout, recordEnd, recordFixed } from './layout.ts';

/** Where the TTL lies, seen from TYPE. */
const TTL_OFFSET = 4;
/** A TTL with the top bit set counts as zero (RFC 2181 §8). */
const MAX_TTL_SECONDS = 0x7fff_ffff;

/**
 * Finds the TTL fields of all three record sections. OPT has none: what lies there in its record are flags.
 *
 * @param layout of the message, without a fault.
 */
export function ttlOffsets(message: Buffer, layout: Layout): Uint16Array {
  const offsets: number[] = [];
  let offset = layout.questionEnd;
  while (offset < layout.end) {
    const fixed = recordFixed(message, offset);
    if (offset !== layout.optOffset) offsets.push(fixed + TTL_OFFSET);
    offset = recordEnd(message, fixed);
  }
  return Uint16Array.from(offsets);
}

/** The lowest TTL, in seconds; `null` when there are no TTL fields. */
export function minimumTtlSeconds(message: Buffer, offsets: Uint16Array): number | null {
  let minimum: number | null = null;
  for (const offset of offsets) {
    const ttl = ttlAt(message, offset);
    if (minimum === null || ttl < minimum) minimum = ttl;
  }
  return minimum;
}

/**
 * Takes the time that has passed off every TTL, in place, down to zero and not below.
 *
 * @param elapsedSeconds a whole number, at least 0.
 */
export function ageTtls(message: Buffer, offsets: Uint16Array, elapsedSeconds: number): void {
  for (const offset of offsets) {
    writeUint32(message, offset, Math.max(0, ttlAt(message, offset) - elapsedSeconds));
  }
}

function ttlAt(message: Buffer, offset: number): number {
  const ttl = readUint32(message, offset);
  return ttl > MAX_TTL_SECONDS ? 0 : ttl;
}
