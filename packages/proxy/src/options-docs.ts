/** Writes the pages of docs/ that are made from the option table and the schema, or checks that they are up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { configJsonSchema } from './docs/config-schema.ts';
import { optionsPage } from './docs/options-page.ts';
import { codeOf } from './failures.ts';
import { writeErrorLine, writeToStandardOutput } from './logging/standard-output.ts';

const DOCS = new URL('../../../docs/', import.meta.url);
const PAGES = { 'OPTIONS.md': optionsPage, 'config.schema.json': configJsonSchema };

const [mode] = process.argv.slice(2);
if (mode === '--write') write();
else if (mode === '--check') check();
else {
  writeErrorLine('usage: node packages/proxy/src/options-docs.ts --write|--check');
  process.exitCode = 2;
}

function write(): void {
  for (const [name, make] of Object.entries(PAGES)) writeFileSync(new URL(name, DOCS), make());
  writeToStandardOutput(`wrote ${names(Object.keys(PAGES))}\n`);
}

function check(): void {
  const stale = Object.entries(PAGES).filter(([name, make]) => current(name) !== make());
  if (stale.length === 0) {
    writeToStandardOutput(`${names(Object.keys(PAGES))}: up to date\n`);
    return;
  }
  writeErrorLine(
    `${names(stale.map(([name]) => name))}: out of date; run node packages/proxy/src/options-docs.ts --write`,
  );
  process.exitCode = 1;
}

function current(name: string): string | undefined {
  try {
    return readFileSync(new URL(name, DOCS), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function names(pages: readonly string[]): string {
  return pages.map((page) => `docs/${page}`).join(' and ');
}
