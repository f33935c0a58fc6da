import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findProgram } from '@tridot/peers';
import { describe } from 'vitest';

const execute = promisify(execFile);

/** Runs a program to its end and gives what it printed; rejects when it fails or takes over 30 s. */
export async function run(name: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute(findProgram(name) ?? name, args, {
    timeout: 30_000,
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}

/** Tests that need programs which may be missing: then they are skipped, but in CI they run and fail. */
export function describeWith(programs: readonly string[], title: string, tests: () => void): void {
  const missing = programs.filter((name) => findProgram(name) === null);
  const skipped = missing.length > 0 && !process.env.CI;
  describe.skipIf(skipped)(skipped ? `${title} (not installed: ${missing.join(', ')})` : title, tests);
}
