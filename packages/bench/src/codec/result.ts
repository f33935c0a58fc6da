/** Our own walk over the octets, and the two codecs of npm that this project knows. */
export const CODEC_NAMES = ['wire', 'dns-packet', 'native-dns-packet'] as const;
export type CodecName = (typeof CODEC_NAMES)[number];

/** `read`: find the question and see that the records are sound. `pass-on`: the same message with another ID. */
export const CODEC_OPERATIONS = ['read', 'pass-on'] as const;
export type CodecOperation = (typeof CODEC_OPERATIONS)[number];

/** What one process measured of one codec. */
export interface CodecRun {
  readonly figures: readonly CodecFigures[];
  /** Names of messages that came out of it other than they went in. */
  readonly changed: readonly string[];
  /** Names of messages that it could not read or write. */
  readonly refused: readonly string[];
}

export interface CodecFigures {
  readonly message: string;
  readonly messageBytes: number;
  readonly operation: CodecOperation;
  /** Of one operation: the median time in nanoseconds, or the memory that it takes, on and off the heap, in bytes. */
  readonly value: number;
}

/** All rounds of one codec with one message and operation. */
export interface CodecRow {
  readonly codec: CodecName;
  readonly message: string;
  readonly messageBytes: number;
  readonly operation: CodecOperation;
  /** By round. */
  readonly nanoseconds: readonly number[];
  readonly allocatedBytes: number;
}

/** What a codec does to messages that are legal and unusual. */
export interface CodecFidelity {
  readonly codec: CodecName;
  readonly version: string;
  /** Messages tried. */
  readonly messages: number;
  readonly changed: readonly string[];
  readonly refused: readonly string[];
}

export interface CodecResult {
  readonly rows: readonly CodecRow[];
  readonly fidelity: readonly CodecFidelity[];
}
