/** Big-endian integers in octets (RFC 1035 §2.3.2). Octets behind the end read as 0; whoever calls checks the bounds. */

export function readUint16(octets: Uint8Array, offset: number): number {
  return ((octets[offset] ?? 0) << 8) | (octets[offset + 1] ?? 0);
}

export function writeUint16(octets: Uint8Array, offset: number, value: number): void {
  octets[offset] = value >>> 8;
  octets[offset + 1] = value;
}

/** @returns the number as the 32 bits of a signed integer. */
export function readInt32(octets: Uint8Array, offset: number): number {
  return (readUint16(octets, offset) << 16) | readUint16(octets, offset + 2);
}

export function writeInt32(octets: Uint8Array, offset: number, value: number): void {
  writeUint16(octets, offset, value >>> 16);
  writeUint16(octets, offset + 2, value);
}

/** A TTL with the top bit set counts as 0 (RFC 2181 §8). */
export function readTtl(octets: Uint8Array, offset: number): number {
  return Math.max(0, readInt32(octets, offset));
}
