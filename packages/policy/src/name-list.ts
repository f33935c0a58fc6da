/** One block or allow list, read from its file. */
import { stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { PolicyFileError } from './errors.ts';
import { readLines } from './file-lines.ts';
import type { IndexBuilder } from './index-builder.ts';
import { INDEXED_AT_ONCE } from './limits.ts';
import { ListLines } from './list-lines.ts';
import { EMPTY_INDEX, type NameIndex } from './name-index.ts';
import type { Ignored } from './observer.ts';

/** The names of one file. Unchanging: a new version of the file makes a new list. */
export interface NameList {
  /** What the list is about. */
  readonly listed: NameIndex;
  /** Exceptions that it makes: never blocked, whatever list says so. */
  readonly excepted: NameIndex;
  readonly ignored: Readonly<Ignored>;
}

export const EMPTY_LIST: NameList = {
  listed: EMPTY_INDEX,
  excepted: EMPTY_INDEX,
  ignored: { invalid: 0, unsupported: 0, overlong: 0 },
};

export function namesIn(list: NameList): number {
  return list.listed.names + list.excepted.names;
}

export interface NameListOptions {
  /** Whether a name without a mark of its own stands for everything below as well. */
  readonly subdomains: boolean;
  readonly maxNames: number;
  /** Is asked again and again; `false` ends the reading. */
  readonly isWanted: () => boolean;
}

/** What a larger file needs beyond this is allocated as it is read. */
const MAX_EXPECTED_BYTES = 268_435_456;
/** A line of ten octets, line feed included, is a name of eleven and a mark. Room that is not used takes no memory. */
const OCTETS_PER_FILE_OCTET = 1.25;

/**
 * Reads a list, a piece at a time with other work between the pieces.
 *
 * @throws {PolicyFileError} ERR_LIST_UNREADABLE, ERR_LIST_UNUSABLE, ERR_LIST_TOO_LONG or ERR_LIST_CLOSED.
 */
export async function readNameList(file: string, options: NameListOptions): Promise<NameList> {
  const lines = new ListLines(file, options.subdomains, options.maxNames, await expectedBytes(file));
  const bytes = await readLines(file, lines, options.isWanted);
  if (bytes === 0) throw new PolicyFileError('ERR_LIST_UNUSABLE', file, 'is empty');
  if (lines.listed.count + lines.excepted.count === 0 && !lines.hasComment) {
    throw new PolicyFileError('ERR_LIST_UNUSABLE', file, 'has no line that could be used');
  }
  const listed = await indexed(lines.listed, file, options.isWanted);
  const excepted = await indexed(lines.excepted, file, options.isWanted);
  return { listed, excepted, ignored: lines.ignored };
}

/** From the size of the file, so that the names need not be moved while they are read. */
async function expectedBytes(file: string): Promise<number> {
  try {
    return Math.min(Math.ceil((await stat(file)).size * OCTETS_PER_FILE_OCTET), MAX_EXPECTED_BYTES);
  } catch {
    // Whether it can be read is for the reader to find out and to say.
    return 0;
  }
}

async function indexed(builder: IndexBuilder, file: string, isWanted: () => boolean): Promise<NameIndex> {
  while (!builder.enter(INDEXED_AT_ONCE)) {
    await setImmediate();
    if (!isWanted()) throw new PolicyFileError('ERR_LIST_CLOSED', file, 'the policy was closed');
  }
  return builder.finish();
}
