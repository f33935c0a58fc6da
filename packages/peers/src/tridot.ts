import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startNodeProgram } from './node-program.ts';
import type { StartOptions, Subject } from './subject.ts';

/** The ways of serving sockets, by the names of their packages. */
export const STRATEGY_NAMES = ['raw', 'framework', 'library'] as const;

const THIS_CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * A strategy as the command that a user runs.
 *
 * @param checkout directory of the repository; another one than this for an older version. Its dependencies must be
 *   installed.
 * @param label the name in reports. Default: the strategy's.
 */
export function strategySubject(
  name: string,
  checkout: string = THIS_CHECKOUT,
  label: string = name,
): Subject {
  const main = join(checkout, 'packages', name, 'src/main.ts');
  const cacheSwitch = cacheSwitchOf(checkout);
  return {
    name: label,
    kind: 'tridot',
    caches: cacheSwitch !== null,
    installed: () => existsSync(main),
    version: () => versionIn(join(checkout, 'packages', name, 'package.json')),
    start: (options) =>
      startNodeProgram({
        name: label,
        // As the start script has it.
        nodeFlags: ['--max-semi-space-size=4', ...(options.nodeFlags ?? [])],
        program: main,
        args: [...commandLine(options), ...(options.cache || cacheSwitch === null ? [] : [cacheSwitch])],
        core: options.core,
      }),
  };
}

function commandLine({ port, upstreamPort, authName, caFile }: StartOptions): string[] {
  return [
    ...['--listen', `127.0.0.1:${port}`],
    ...['--upstream', `tls://127.0.0.1:${upstreamPort}#${authName}`],
    ...['--ca', caFile],
  ];
}

/** The flag that switches the cache off; null in a version that has none. The page is generated from the options. */
function cacheSwitchOf(checkout: string): string | null {
  const options = join(checkout, 'docs/OPTIONS.md');
  return existsSync(options) && readFileSync(options, 'utf8').includes('`--no-cache`') ? '--no-cache' : null;
}

function versionIn(packageFile: string): string {
  if (!existsSync(packageFile)) return '';
  const manifest: unknown = JSON.parse(readFileSync(packageFile, 'utf8'));
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return known ? String(manifest.version) : '';
}
