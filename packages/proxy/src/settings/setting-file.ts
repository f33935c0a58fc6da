import { readFileSync } from 'node:fs';
import { codeOf, messageOf, SettingError } from '../failures.ts';
import { oneLine } from '../logging/one-line.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file (ENOENT)',
  EACCES: 'permission denied (EACCES)',
  EISDIR: 'it is a directory (EISDIR)',
};

/**
 * Reads a file that a setting names, as UTF-8.
 *
 * @param setting what to call the setting in an error.
 * @throws {SettingError} ERR_SETTING: it cannot be read.
 */
export function readSettingFile(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = REASONS[codeOf(error) ?? ''] ?? oneLine(messageOf(error));
    throw new SettingError(`${setting}: cannot read ${oneLine(path)}: ${reason}`, { cause: error });
  }
}
