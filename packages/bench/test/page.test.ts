import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findProgram } from '@tridot/peers';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comparisonHtml } from '../src/compare/html.ts';
import { SCENARIOS } from '../src/method/scenario.ts';
import { madeUpComparison } from './comparison.ts';

const CHROMIUM = findProgram('chromium');
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const SECTIONS = ['cpu', 'throughput', 'latency', 'low-rate', 'memory', 'code', 'codec', 'conformance'];

// On the machine that decides, a missing browser is a failure.
describe.runIf(CHROMIUM !== null || process.env.CI === 'true')('the page', { timeout: 60_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'tridot-page-'));
  const file = join(directory, 'comparison.html');
  let browser: Browser;

  beforeAll(async () => {
    writeFileSync(file, await comparisonHtml(madeUpComparison()));
    browser = await chromium.launch({ executablePath: CHROMIUM ?? 'chromium', args: FLAGS });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Opens it with no network, and keeps what the browser complains about. */
  async function open(width: number, colorScheme: 'light' | 'dark' = 'light') {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    await page.route('**', (route) => {
      if (route.request().url().startsWith('file:')) return route.continue();
      complaints.push(`asked for ${route.request().url()}`);
      return route.abort();
    });
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('#cpu svg');
    return { page, complaints };
  }

  it('shows every plot, with no complaint and no network', async () => {
    const { page, complaints } = await open(1280);
    for (const section of SECTIONS) {
      expect(await page.locator(`#${section} svg`).count(), section).toBeGreaterThan(0);
    }
    expect(await page.locator('#cpu svg').count()).toBe(SCENARIOS.length);
    expect(await page.locator('#cases tbody tr').count()).toBe(2);
    expect(await page.locator('#cases').textContent()).toContain('</script> & <b>all</b>');
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('shows only what the filters leave', async () => {
    const { page, complaints } = await open(1280);
    await choose(page, 'transport', 'tcp');
    await choose(page, 'transport', 'tcp-connection');
    expect(await captions(page, 'cpu')).toSatisfy((all: string[]) =>
      all.every((text) => text.includes('UDP')),
    );
    await choose(page, 'level', 'end-to-end');
    expect(await captions(page, 'cpu')).toEqual([
      'Listener alone, UDP, saturated',
      'Listener alone, UDP, fixed rate',
      'Listener alone, UDP, one in flight',
    ]);
    await choose(page, 'subject', 'kresd');
    expect(await page.locator('#figures tbody tr').count()).toBe(6);
    await choose(page, 'level', 'listener');
    expect(await page.locator('#cpu svg').count()).toBe(0);
    expect(await page.locator('#cpu .nothing').count()).toBe(1);
    await choose(page, 'level', 'listener');
    expect(await page.locator('#cpu svg').count()).toBe(3);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('sorts its table both ways', async () => {
    const { page } = await open(1280);
    const head = page.locator('#figures thead button', { hasText: 'CPU µs' });
    await head.click();
    expect(await cpuColumn(page)).toEqual((await cpuColumn(page)).toSorted((a, b) => a - b));
    await head.click();
    expect(await cpuColumn(page)).toEqual((await cpuColumn(page)).toSorted((a, b) => b - a));
    expect(await page.locator('#figures th[aria-sort=descending]').count()).toBe(1);
    await page.close();
  });

  it('follows the system from light to dark, and the button', async () => {
    const { page } = await open(1280, 'dark');
    const theme = () => page.evaluate('document.documentElement.dataset.theme');
    expect(await theme()).toBe('dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.waitForFunction("document.documentElement.dataset.theme === 'light'");
    await page.click('#theme');
    await page.click('#theme');
    expect(await theme()).toBe('dark');
    await page.close();
  });

  it('fits a phone', async () => {
    const { page, complaints } = await open(390);
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBe(390);
    const widest = await page.evaluate(
      "Math.max(...[...document.querySelectorAll('figure svg')].map((each) => each.getBoundingClientRect().right))",
    );
    expect(widest).toBeLessThanOrEqual(390);
    await page.setViewportSize({ width: 1000, height: 900 });
    await page.waitForFunction("document.querySelector('#cpu svg').getBoundingClientRect().width > 400");
    expect(complaints).toEqual([]);
    await page.close();
  });
});

function choose(page: Page, name: string, value: string): Promise<void> {
  return page.locator(`label:has(input[name="${name}"][value="${value}"])`).click();
}

function captions(page: Page, section: string): Promise<string[]> {
  return page.locator(`#${section} figcaption`).allTextContents();
}

async function cpuColumn(page: Page): Promise<number[]> {
  return (await page.locator('#figures tbody td:nth-child(3)').allTextContents()).map(Number);
}
