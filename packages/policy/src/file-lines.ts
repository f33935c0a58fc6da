/** Reads a file line by line without making strings of it. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { PolicyFileError } from './errors.ts';
import { MAX_LINE_BYTES, READ_BYTES } from './limits.ts';

const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;
const LF = 0x0a;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/** Gets the lines of a file, in order. */
export interface LineSink {
  /** One line, as [from, to) of `octets` without its line feed. The octets are only valid during the call. */
  line(octets: Uint8Array, from: number, to: number): void;
  /** A line was too long and was skipped. */
  overlong(): void;
}

/**
 * Reads a regular file in pieces, so that other work has its turn between them, in time linear in its length and in
 * memory that does not depend on it. A byte order mark is skipped.
 *
 * @param isWanted is asked between the pieces; `false` ends the reading.
 * @returns how many octets were read.
 * @throws {PolicyFileError} ERR_LIST_UNREADABLE: it cannot be opened or read, or is no regular file. ERR_LIST_CLOSED: it is
 *   no longer wanted. What the sink throws comes through.
 */
export async function readLines(file: string, sink: LineSink, isWanted: () => boolean): Promise<number> {
  await using handle = await openFile(file);
  const chunk = Buffer.allocUnsafe(READ_BYTES);
  const lines = new LineCutter(sink);
  let total = 0;
  for (;;) {
    if (!isWanted()) throw new PolicyFileError('ERR_LIST_CLOSED', file, 'the policy was closed');
    const bytesRead = await readPiece(file, handle, chunk);
    if (bytesRead === 0) break;
    const from = total === 0 && chunk.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0;
    lines.push(chunk, from, bytesRead);
    total += bytesRead;
  }
  lines.end();
  return total;
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    // Without O_NONBLOCK a pipe would hold a thread until somebody writes to it.
    const handle = await open(file, OPEN_FLAGS);
    const isFile = (await handle.stat()).isFile();
    if (isFile) return handle;
    await handle.close();
  } catch (error) {
    throw unreadable(file, error);
  }
  throw new PolicyFileError('ERR_LIST_UNREADABLE', file, 'is not a regular file');
}

async function readPiece(file: string, handle: FileHandle, chunk: Buffer): Promise<number> {
  try {
    return (await handle.read(chunk, 0, chunk.length)).bytesRead;
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): PolicyFileError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return new PolicyFileError('ERR_LIST_UNREADABLE', file, `cannot be read (${code})`, error);
}

/** Cuts pieces into lines; only a line that lies across two pieces is copied. */
export class LineCutter {
  readonly #sink: LineSink;
  readonly #pending = Buffer.allocUnsafe(MAX_LINE_BYTES);
  #pendingBytes = 0;
  #skipping = false;

  constructor(sink: LineSink) {
    this.#sink = sink;
  }

  push(piece: Uint8Array, from: number, to: number): void {
    let start = from;
    for (let i = from; i < to; i++) {
      if (piece[i] !== LF) continue;
      this.#finishLine(piece, start, i);
      start = i + 1;
    }
    this.#keep(piece, start, to);
  }

  /** The last line needs no line feed. */
  end(): void {
    this.#finishLine(this.#pending, 0, 0);
  }

  #finishLine(piece: Uint8Array, from: number, to: number): void {
    if (this.#pendingBytes === 0 && !this.#skipping && to - from <= MAX_LINE_BYTES) {
      if (to > from) this.#sink.line(piece, from, to);
      return;
    }
    this.#keep(piece, from, to);
    if (this.#skipping) this.#sink.overlong();
    else this.#sink.line(this.#pending, 0, this.#pendingBytes);
    this.#skipping = false;
    this.#pendingBytes = 0;
  }

  #keep(piece: Uint8Array, from: number, to: number): void {
    if (this.#skipping || to - from + this.#pendingBytes > MAX_LINE_BYTES) {
      this.#skipping = true;
      this.#pendingBytes = 0;
      return;
    }
    this.#pending.set(piece.subarray(from, to), this.#pendingBytes);
    this.#pendingBytes += to - from;
  }
}
