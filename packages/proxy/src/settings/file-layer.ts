import { dirname, isAbsolute, resolve } from 'node:path';
import type { Document, LineCounter } from 'yaml';
import { SettingError } from '../failures.ts';
import { oneLine } from '../logging/one-line.ts';
import { resolveNestedFiles } from './nested-files.ts';
import { OPTIONS } from './options.ts';
import { readSettingFile } from './setting-file.ts';
import { isTree, type SettingsLayer, type SettingsTree, setValueAt, valueAt } from './settings-layer.ts';

/**
 * The settings of a YAML file. A key with nothing behind it is one that is not set; a relative path in it is relative to
 * the file.
 *
 * @param setting what to call the option that named the file, such as `--config`.
 * @throws {SettingError} ERR_SETTING: the file cannot be read, is not YAML, or is not a map of keys.
 */
export async function fileLayer(setting: string, path: string): Promise<SettingsLayer> {
  const text = readSettingFile(setting, path);
  // Only a start with a file pays for the parser.
  const { LineCounter, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const name = oneLine(path);
  const error = document.errors[0] ?? document.warnings[0];
  if (error !== undefined) {
    throw new SettingError(`${name}:${lines.linePos(error.pos[0]).line}: ${oneLine(error.message)}`);
  }
  const tree = withoutNothing(treeOf(document, name));
  resolveFiles(tree, dirname(path));
  resolveNestedFiles(tree, dirname(path));
  return {
    tree,
    nameOf: (key, below = []) =>
      `${name}${lineOf(document, lines, [...key.split('.'), ...below])}: ${[key, ...below].join('.')}`,
  };
}

function treeOf(document: Document, name: string): SettingsTree {
  let content: unknown;
  try {
    content = document.toJS() ?? {};
  } catch (error) {
    throw new SettingError(`${name}: ${oneLine(String(error))}`, { cause: error });
  }
  if (isTree(content)) return content;
  throw new SettingError(`${name}: must hold keys such as "listen:", not a single value or a list`);
}

function withoutNothing(tree: SettingsTree): SettingsTree {
  const kept = Object.entries(tree).filter(([, value]) => value !== null);
  return Object.fromEntries(kept.map(([key, value]) => [key, isTree(value) ? withoutNothing(value) : value]));
}

function resolveFiles(tree: SettingsTree, folder: string): void {
  const absolute = (value: unknown): unknown =>
    typeof value === 'string' && value !== '' && !isAbsolute(value) ? resolve(folder, value) : value;
  for (const { key, kind } of OPTIONS) {
    const value = valueAt(tree, key);
    if (kind === 'file' && value !== undefined) setValueAt(tree, key, absolute(value));
    if (kind === 'files' && Array.isArray(value)) setValueAt(tree, key, value.map(absolute));
  }
}

/** `:3` for a key on the third line; nothing when the place cannot be told. */
function lineOf(document: Document, lines: LineCounter, path: readonly string[]): string {
  const node = document.getIn(path, true);
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range))
    return '';
  const [start] = node.range;
  return typeof start === 'number' ? `:${lines.linePos(start).line}` : '';
}
