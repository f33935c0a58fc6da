/**
 * The wire form of a name in presentation form (RFC 1035 §5.1): `\.` is a dot inside a label, `\DDD` an octet by its decimal
 * number. Octets above 127 must be written so. Lengths are not checked, so that names over the limits can be made.
 *
 * @param name with or without the final dot; `.` or the empty string is the root.
 * @throws {RangeError} when a label has more than 255 octets, which no length octet can say.
 */
export function encodeName(name: string): Buffer {
  const octets: number[] = [];
  for (const label of labelsOf(name)) {
    if (label.length > 255)
      throw new RangeError(`a label has ${label.length} octets, at most 255 can be written`);
    octets.push(label.length, ...label);
  }
  octets.push(0);
  return Buffer.from(octets);
}

/** The presentation form of an uncompressed wire name, with the final dot. */
export function decodeName(wire: Buffer): string {
  let text = '';
  let offset = 0;
  for (;;) {
    const length = wire[offset] ?? 0;
    if (length === 0) return text === '' ? '.' : text;
    for (const octet of wire.subarray(offset + 1, offset + 1 + length)) text += escapeOctet(octet);
    text += '.';
    offset += 1 + length;
  }
}

function labelsOf(name: string): number[][] {
  const labels: number[][] = [];
  let label: number[] = [];
  for (let i = 0; i < name.length; i += 1) {
    const char = name.charAt(i);
    if (char === '.') {
      if (label.length > 0) labels.push(label);
      label = [];
    } else if (char === '\\') {
      const digits = /^\d{3}/.exec(name.slice(i + 1));
      label.push(digits === null ? name.charCodeAt(i + 1) & 0xff : Number(digits[0]) & 0xff);
      i += digits === null ? 1 : 3;
    } else {
      label.push(name.charCodeAt(i) & 0xff);
    }
  }
  if (label.length > 0) labels.push(label);
  return labels;
}

function escapeOctet(octet: number): string {
  if (octet === 0x2e || octet === 0x5c) return `\\${String.fromCharCode(octet)}`;
  if (octet > 0x20 && octet < 0x7f) return String.fromCharCode(octet);
  return `\\${String(octet).padStart(3, '0')}`;
}
