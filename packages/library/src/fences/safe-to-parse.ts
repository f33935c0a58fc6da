import { HEADER_BYTES, TYPE } from '@tridot/wire';

/** As long as most queries ever are; the library's parser allocates several objects for each EDNS option. */
const MAX_PARSED_BYTES = 512;
const MAX_LABEL_BYTES = 63;
const MAX_NAME_BYTES = 255;
/** Root owner, type, class, TTL and RDLENGTH of an OPT record. */
const OPT_FIXED_BYTES = 11;

/**
 * Fence: only a message with one uncompressed question and at most an OPT record may be parsed by the library.
 *
 * Without it a name that points at itself (RFC 1035 §4.1.4) is followed for ever: one datagram of 18 octets stops the
 * process for good. Anything else that the parser cannot read (two questions, a cut record, an option that is longer than
 * its record) makes it throw.
 */
export function isSafeToParse(message: Buffer): boolean {
  if (message.length < HEADER_BYTES || message.length > MAX_PARSED_BYTES) return false;
  const additionalCount = message.readUInt16BE(10);
  if (message.readUInt16BE(4) !== 1 || message.readUInt32BE(6) !== 0 || additionalCount > 1) return false;
  const nameEnd = endOfPlainName(message);
  if (nameEnd < 0 || nameEnd + 4 > message.length) return false;
  return additionalCount === 0 || isWholeOpt(message, nameEnd + 4);
}

/** The offset after the name that follows the header, or -1 when it is compressed, too long or cut off. */
function endOfPlainName(message: Buffer): number {
  let offset = HEADER_BYTES;
  for (let length = message[offset]; length !== undefined; length = message[offset]) {
    offset += length + 1;
    if (length > MAX_LABEL_BYTES || offset - HEADER_BYTES > MAX_NAME_BYTES) return -1;
    if (length === 0) return offset;
  }
  return -1;
}

function isWholeOpt(message: Buffer, start: number): boolean {
  const dataStart = start + OPT_FIXED_BYTES;
  if (dataStart > message.length) return false;
  if (message[start] !== 0 || message.readUInt16BE(start + 1) !== TYPE.OPT) return false;
  const end = dataStart + message.readUInt16BE(dataStart - 2);
  if (end > message.length) return false;
  let offset = dataStart;
  while (offset + 4 <= end) offset += 4 + message.readUInt16BE(offset + 2);
  return offset === end;
}
