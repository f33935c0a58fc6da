import { writeSync } from 'node:fs';
import { codeOf } from '../failures.ts';

/** The descriptor, for asking about it: touching `process.stdout` would make its pipe one that does not block. */
export const STANDARD_OUTPUT = 1;
const STANDARD_ERROR = 2;

/** Pause before a full pipe is tried again, in milliseconds: short beside a query, long beside a turn of its reader. */
const RETRY_AFTER_MS = 5;

/** Writes all of a text to standard output before it returns, so that no line is lost when the process ends. */
export function writeToStandardOutput(text: string): void {
  writeAll(STANDARD_OUTPUT, text);
}

/** Writes one line to standard error, for what goes wrong while there is no log yet. */
export function writeErrorLine(line: string): void {
  writeAll(STANDARD_ERROR, `${line}\n`);
}

const gone = new Set<number>();

/** A pipe whose reader is slow says EAGAIN: the rest is tried again. A reader that is gone ends writing, not the program. */
function writeAll(descriptor: number, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0 && !gone.has(descriptor)) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if (codeOf(error) === 'EAGAIN') Atomics.wait(PAUSE, 0, 0, RETRY_AFTER_MS);
      else gone.add(descriptor);
    }
  }
}

const PAUSE = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
