/** Names as people write them in settings. */
import { domainToASCII } from 'node:url';

const MAX_NAME_BYTES = 255;
const MAX_LABEL_BYTES = 63;
const ESCAPE = /^\\(?:(\d{3})|([^\d]))/;

/**
 * The octets of a name, root label included. `\.` is a dot inside a label and `\032` the octet 32; letters keep their
 * case; text beyond ASCII goes through IDNA. The dot at the end may be left out.
 *
 * @returns `null` when the text is no name, or the root.
 *
 * RFC 1035 §5.1, RFC 4343 §2.1
 */
export function nameOctets(text: string): Buffer | null {
  const labels = labelsOf(isAscii(text) ? text : domainToASCII(text));
  if (labels === null || labels.length === 0) return null;
  const octets = labels.flatMap((label) => [label.length, ...label]);
  return octets.length + 1 > MAX_NAME_BYTES ? null : Buffer.from([...octets, 0]);
}

/** A name in lower case, as a key: its octets in latin1. */
export function nameKey(octets: Buffer): string {
  return octets.toString('latin1').replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function isAscii(text: string): boolean {
  return !/[^\p{ASCII}]/u.test(text);
}

function labelsOf(text: string): number[][] | null {
  const labels: number[][] = [];
  let label: number[] = [];
  for (let rest = text; rest !== ''; ) {
    const escaped = ESCAPE.exec(rest);
    const taken = escaped?.[0] ?? rest.charAt(0);
    rest = rest.slice(taken.length);
    if (taken === '.') {
      if (label.length === 0) return null;
      labels.push(label);
      label = [];
      continue;
    }
    const octet = escaped === null ? taken.charCodeAt(0) : escapedOctet(escaped);
    const isRefused = taken === ' ' || taken === '\\' || octet > 0xff;
    if (isRefused || label.length === MAX_LABEL_BYTES) return null;
    label.push(octet);
  }
  if (label.length > 0) labels.push(label);
  return labels;
}

function escapedOctet([, digits, character]: RegExpExecArray): number {
  return digits === undefined ? (character ?? '').charCodeAt(0) : Number(digits);
}
