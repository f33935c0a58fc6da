import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH_LIMITS } from '../limits.ts';

/** Files of names for dnsperf. */
export interface NamesFiles {
  /** Every name new. */
  readonly fresh: string;
  /** Every name new, and none of `fresh`. */
  readonly warmUp: string;
  /** The same few names again and again. */
  readonly repeated: string;
}

/** Writes them so long that no run of that many seconds comes to an end of the new ones. */
export function writeNames(directory: string, seconds: number, warmUpQueries: number): NamesFiles {
  return {
    fresh: writeNameFile(directory, 'f', seconds * BENCH_LIMITS.peakRate.default),
    warmUp: writeNameFile(directory, 'w', warmUpQueries),
    repeated: writeNameFile(directory, 'r', BENCH_LIMITS.repeatedNames.default),
  };
}

/** @returns the path of a new file with `count` names that begin with `prefix`. */
export function writeNameFile(directory: string, prefix: string, count: number): string {
  const path = join(directory, `${prefix}.names`);
  const lines = Array.from({ length: count }, (_, index) => `${nameOf(prefix, index)} A`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

/** One of the names that are asked for. */
export function nameOf(prefix: string, index: number): string {
  return `${prefix}${index.toString(36)}.example.com`;
}
