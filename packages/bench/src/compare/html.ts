/**
 * The page with plots: one file with its script, its styles and its data inside.
 *
 *   page/main.ts + Observable Plot ──► rolldown ──► one script ─┐
 *   page/page.css ──────────────────────────────────────────────┼──► docs/comparison.html
 *   results/latest.json ────────────────────────────────────────┘
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { methodLines } from '../report/method-text.ts';
import type { Comparison } from './result.ts';

const PAGE = fileURLToPath(new URL('../../page/', import.meta.url));

export async function comparisonHtml(comparison: Comparison): Promise<string> {
  const script = await bundle(`${PAGE}main.ts`);
  const styles = readFileSync(`${PAGE}page.css`, 'utf8');
  const markup = readFileSync(`${PAGE}page.html`, 'utf8');
  const { environment, method, upstream } = comparison;
  const data = { comparison, methodLines: methodLines(environment, method, upstream) };
  return fill(markup, {
    '<style></style>': `<style>${styles}</style>`,
    // Neither may end the element that it stands in.
    'id="data">{}</script>': `id="data">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>`,
    '<script></script>': `<script>${script.replaceAll('</script', '<\\/script')}</script>`,
  });
}

function fill(markup: string, parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts).reduce((page, [place, text]) => {
    if (!page.includes(place)) throw new Error(`page.html has no ${place}`);
    return page.replace(place, () => text);
  }, markup);
}

async function bundle(input: string): Promise<string> {
  const build = await rolldown({ input, platform: 'browser', logLevel: 'warn' });
  const { output } = await build.generate({ format: 'iife', minify: true });
  await build.close();
  return output[0].code;
}
