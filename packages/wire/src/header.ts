/** The twelve octets that every message begins with (RFC 1035 §4.1.1). All functions need a message of at least that. */
import { readUint16, writeUint16 } from './integers.ts';

/** Length of the header, in octets. */
export const HEADER_BYTES = 12;
/** Longest message: the length prefix of TCP has 16 bits (RFC 1035 §4.2.2). */
export const MAX_MESSAGE_BYTES = 65_535;

/** Where each section's count lies. */
export const COUNT_OFFSET = { QUESTION: 4, ANSWER: 6, AUTHORITY: 8, ADDITIONAL: 10 } as const;

/** Header flags, as bits of the 16-bit word at offset 2. */
export const FLAG = {
  QR: 0x8000,
  AA: 0x0400,
  TC: 0x0200,
  RD: 0x0100,
  RA: 0x0080,
  AD: 0x0020,
  CD: 0x0010,
} as const;

const OPCODE_MASK = 0x7800;
const RCODE_MASK = 0x000f;

export function messageId(message: Buffer): number {
  return readUint16(message, 0);
}

export function setMessageId(message: Buffer, id: number): void {
  writeUint16(message, 0, id);
}

/** The flags word: QR, opcode, flags and rcode. */
export function flagsOf(message: Buffer): number {
  return readUint16(message, 2);
}

export function setFlags(message: Buffer, flags: number): void {
  writeUint16(message, 2, flags);
}

/** Whether QR is 1. */
export function isResponse(message: Buffer): boolean {
  return (flagsOf(message) & FLAG.QR) !== 0;
}

export function opcodeOf(message: Buffer): number {
  return (flagsOf(message) & OPCODE_MASK) >>> 11;
}

/** The four bits of the header alone; `extendedRcodeOf` adds those of an OPT record. */
export function rcodeOf(message: Buffer): number {
  return flagsOf(message) & RCODE_MASK;
}

export function isTruncated(message: Buffer): boolean {
  return (flagsOf(message) & FLAG.TC) !== 0;
}

/** The count of one section; `section` is an entry of {@link COUNT_OFFSET}. */
export function countOf(message: Buffer, section: number): number {
  return readUint16(message, section);
}

export function setCount(message: Buffer, section: number, count: number): void {
  writeUint16(message, section, count);
}
