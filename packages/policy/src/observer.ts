/** What the policy tells about its files: for the log. */
import type { PolicyFileError } from './errors.ts';

export type FileKind = 'block' | 'allow' | 'hosts';

/** Lines, or parts of lines, of which nothing was taken. Comments and empty lines are not among them. */
export interface Ignored {
  /** What should be a name or an address is none. */
  invalid: number;
  /** Known not to be a name that blocks: a rule for browsers, an address, a host of its own. */
  unsupported: number;
  /** Lines longer than 4096 octets. */
  overlong: number;
}

/** One file, read and in use. */
export interface FileLoaded {
  readonly kind: FileKind;
  readonly file: string;
  /** Different names in it; of a hosts file, lines that were used. */
  readonly names: number;
  readonly ignored: Readonly<Ignored>;
  /** Memory that its names take, in octets; 0 for a hosts file, whose names are kept with all other local records. */
  readonly memoryBytes: number;
  readonly durationMs: number;
}

/** One file that could not be read or used. */
export interface FileFailed {
  readonly kind: FileKind;
  readonly file: string;
  readonly error: PolicyFileError;
  /** Names, or lines, of its last good version, which stay in use. */
  readonly keptNames: number;
}

/** Neither method may throw. */
export interface PolicyObserver {
  /** A file was read, at the start or because it changed. Queries that come from now on see it. */
  onFileLoaded(loaded: FileLoaded): void;
  /** A changed file could not be used. Told once for each change of the file, not for each attempt. */
  onFileFailed(failed: FileFailed): void;
}
