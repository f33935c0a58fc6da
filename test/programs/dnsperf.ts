import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { run } from './programs.ts';

/** A file of names as dnsperf reads it. */
export function queryFile(count: number, name: (index: number) => string): string {
  const directory = mkdtempSync(join(tmpdir(), 'tridot-queries-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'queries');
  writeFileSync(file, Array.from({ length: count }, (_, index) => `${name(index)} A\n`).join(''));
  return file;
}

/** What dnsperf counted: how many queries it sent, and how many came back with which RCODE. */
export async function dnsperf(
  port: number,
  ...args: string[]
): Promise<{ sent: number; completed: number; rcodes: string }> {
  const output = await run('dnsperf', '-s', '127.0.0.1', '-p', `${port}`, '-t', '10', ...args);
  const number = (label: string) => Number(new RegExp(`${label}: +(\\d+)`).exec(output)?.[1]);
  return {
    sent: number('Queries sent'),
    completed: number('Queries completed'),
    rcodes: /Response codes: +(.+)/.exec(output)?.[1] ?? '',
  };
}
