import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { comparisonPage } from '../report/comparison-page.ts';
import { replaceBlock } from '../report/marked-block.ts';
import { choosingBlock, readmeBlock } from '../report/summary-block.ts';
import { comparisonHtml } from './html.ts';
import type { Comparison } from './result.ts';

export const CHECKOUT = fileURLToPath(new URL('../../../..', import.meta.url));
export const RESULT_FILE = join(CHECKOUT, 'results/latest.json');
export const PAGE_FILE = join(CHECKOUT, 'docs/comparison.html');
const MARKDOWN_FILE = join(CHECKOUT, 'docs/COMPARISON.md');

/** Writes the result and everything that is made from it. @returns the paths written, relative to the checkout. */
export async function writeComparison(comparison: Comparison): Promise<string[]> {
  mkdirSync(dirname(RESULT_FILE), { recursive: true });
  writeFileSync(RESULT_FILE, `${compactJson(comparison)}\n`);
  return [relative(CHECKOUT, RESULT_FILE), ...(await writePages(comparison))];
}

/** Writes what is made from a result. @returns the paths written, relative to the checkout. */
export async function writePages(comparison: Comparison): Promise<string[]> {
  writeFileSync(MARKDOWN_FILE, comparisonPage(comparison));
  writeFileSync(PAGE_FILE, await comparisonHtml(comparison));
  const blocks = [
    ['README.md', readmeBlock(comparison)],
    ['docs/CHOOSING.md', choosingBlock(comparison)],
  ] as const;
  const replaced = blocks.filter(([file, text]) => replaceBlock(join(CHECKOUT, file), 'comparison', text));
  return [MARKDOWN_FILE, PAGE_FILE]
    .map((file) => relative(CHECKOUT, file))
    .concat(replaced.map(([file]) => file));
}

/** One line for each element of the lists at the top, so that a difference between two results can be read. */
export function compactJson(value: object): string {
  const fields = Object.entries(value).map(([key, field]) => {
    const text = Array.isArray(field) && field.length > 0 ? listJson(field) : JSON.stringify(field, rounded);
    return ` ${JSON.stringify(key)}: ${text}`;
  });
  return `{\n${fields.join(',\n')}\n}`;
}

function listJson(list: readonly unknown[]): string {
  return `[\n${list.map((element) => `  ${JSON.stringify(element, rounded)}`).join(',\n')}\n ]`;
}

/** Six digits are more than any figure here is good for. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
