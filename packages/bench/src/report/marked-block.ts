import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Replaces what stands between `<!-- NAME:start -->` and `<!-- NAME:end -->` in a file.
 *
 * @returns false when the file or its markers are not there; then nothing is written.
 */
export function replaceBlock(file: string, name: string, text: string): boolean {
  if (!existsSync(file)) return false;
  const before = readFileSync(file, 'utf8');
  const after = withBlock(before, name, text);
  if (after === null) return false;
  if (after !== before) writeFileSync(file, after);
  return true;
}

/** null when the markers are not there, each once and in this order. */
export function withBlock(document: string, name: string, text: string): string | null {
  const start = `<!-- ${name}:start -->`;
  const end = `<!-- ${name}:end -->`;
  const from = document.indexOf(start);
  const to = document.indexOf(end);
  if (from < 0 || to < from || document.lastIndexOf(start) !== from) return null;
  return `${document.slice(0, from + start.length)}\n${text.trim()}\n${document.slice(to)}`;
}
