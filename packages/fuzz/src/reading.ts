/** What the rules need to read of a message, with the test bed's parser and not with our own. */
import { HEADER_BYTES, type RecordSpan, recordsOf, TYPE } from '@tridot/testbed';

/** The OPT that counts: the first one of the additional section. */
export function additionalOpt(message: Buffer): RecordSpan | undefined {
  if (message.length < HEADER_BYTES) return undefined;
  const before = message.readUInt16BE(6) + message.readUInt16BE(8);
  return recordsOf(message).find(({ type }, index) => index >= before && type === TYPE.OPT);
}

/** Of its options, as far as they can be read. */
export function optionCodes(message: Buffer): number[] {
  const codes: number[] = [];
  const opt = additionalOpt(message);
  if (opt === undefined) return codes;
  for (let at = opt.rdataStart; at + 4 <= opt.end; at += 4 + message.readUInt16BE(at + 2)) {
    codes.push(message.readUInt16BE(at));
  }
  return codes;
}

/** Also where the message cannot be read to its end: then the octets are looked for. */
export function holdsType(message: Buffer, types: readonly number[]): boolean {
  return types.some((type) => message.includes(Buffer.from([type >> 8, type & 0xff]), HEADER_BYTES));
}

/** SIG, TKEY, TSIG: of a message that holds one nothing but the ID may change. */
export function isSigned(message: Buffer): boolean {
  return holdsType(message, [24, 249, TYPE.TSIG]);
}

/** Whether as many records can be read as its counts say. */
export function hasTrueCounts(message: Buffer): boolean {
  const counted = [6, 8, 10].reduce((sum, offset) => sum + message.readUInt16BE(offset), 0);
  return recordsOf(message).length === counted;
}
