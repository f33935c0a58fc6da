import { isAbsolute, resolve } from 'node:path';
import type { Option } from './option.ts';

/**
 * The value that text from a flag or the environment stands for. Text that stands for none is kept as it is: the schema
 * then refuses it, and the error line can show what was written.
 *
 * @param folder what a relative path of a file is relative to.
 */
export function valueOfText(kind: Option['kind'], text: string, folder: string): unknown {
  switch (kind) {
    case 'list':
      return itemsOf(text);
    case 'files':
      return itemsOf(text).map((path) => (isAbsolute(path) ? path : resolve(folder, path)));
    case 'number':
      return /^-?\d{1,15}$/.test(text.trim()) ? Number(text) : text;
    case 'fraction':
      return /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text.trim()) ? Number(text) : text;
    case 'json':
      return parsedJson(text);
    case 'switch':
      return BOOLEANS.get(text.trim().toLowerCase()) ?? text;
    case 'file':
      return text === '' || isAbsolute(text) ? text : resolve(folder, text);
    case 'text':
    case 'choice':
      return text;
  }
}

function itemsOf(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['0', false],
  ['no', false],
  ['off', false],
]);

/**
 * What relative paths of flags and environment are relative to: the folder that the user stands in. `pnpm --filter`
 * changes to the package's folder and keeps the user's in `INIT_CWD`.
 */
export function workingFolder(environment: NodeJS.ProcessEnv): string {
  const started = environment.npm_lifecycle_event === undefined ? undefined : environment.INIT_CWD;
  return started ?? process.cwd();
}
