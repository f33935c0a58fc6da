import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Lines that hold code: neither blank nor only comment. */
export function codeLines(source: string): number {
  let inComment = false;
  let lines = 0;
  for (const line of source.split('\n')) {
    const text = line.trim();
    const wasInComment = inComment;
    if (wasInComment || text.startsWith('/*')) inComment = !text.includes('*/');
    const isComment = wasInComment || text.startsWith('/*') || text.startsWith('//');
    if (text !== '' && !isComment) lines += 1;
  }
  return lines;
}

/** Lines of code of all sources below a directory; declarations of types of others are not counted. */
export function codeLinesBelow(directory: string, pattern: string): number {
  return globSync(pattern, { cwd: directory })
    .filter((file) => !file.endsWith('.d.ts') && !file.includes('node_modules'))
    .reduce((sum, file) => sum + codeLines(readFileSync(join(directory, file), 'utf8')), 0);
}
