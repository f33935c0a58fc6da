import { HEADER_BYTES, questionEnd, recordsOf } from '@tridot/testbed';

/** A message taken apart at its records, as far as they can be read; what follows them is the tail. */
export interface Parts {
  readonly head: Buffer;
  readonly records: readonly { readonly octets: Buffer; readonly section: Section }[];
  readonly tail: Buffer;
}

/** Answer, authority, additional. */
export type Section = 0 | 1 | 2;

const COUNTS_OFFSET = 6;

/** @returns null when there are no whole header and question. */
export function takeApart(message: Buffer): Parts | null {
  const headEnd = questionEnd(message);
  if (headEnd < 0) return null;
  const answers = message.readUInt16BE(COUNTS_OFFSET);
  const authorities = message.readUInt16BE(COUNTS_OFFSET + 2);
  const spans = recordsOf(message);
  return {
    head: Buffer.from(message.subarray(0, headEnd)),
    records: spans.map(({ start, end }, index) => ({
      octets: message.subarray(start, end),
      section: index < answers ? 0 : index < answers + authorities ? 1 : 2,
    })),
    tail: message.subarray(spans.at(-1)?.end ?? headEnd),
  };
}

/** Puts the parts together, records in the order of their sections, with true counts. Pointers are not mended. */
export function putTogether({ head, records, tail }: Parts): Buffer {
  const ordered = records.toSorted((one, other) => one.section - other.section);
  const message = Buffer.concat([head, ...ordered.map(({ octets }) => octets), tail]);
  for (const section of [0, 1, 2] as const) {
    const count = records.filter((record) => record.section === section).length;
    if (message.length >= HEADER_BYTES) message.writeUInt16BE(count, COUNTS_OFFSET + 2 * section);
  }
  return message;
}
