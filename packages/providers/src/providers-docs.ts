/** Writes docs/PROVIDERS.md from the table, or checks that it is up to date. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { providersPage } from './docs-page.ts';
import { PROVIDERS } from './table.ts';

const PAGE = new URL('../../../docs/PROVIDERS.md', import.meta.url);

const [mode] = process.argv.slice(2);
const page = providersPage(PROVIDERS);
if (mode === '--write') {
  writeFileSync(PAGE, page);
  process.stdout.write('wrote docs/PROVIDERS.md\n');
} else if (mode === '--check') {
  const current = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '';
  if (current === page) {
    process.stdout.write('docs/PROVIDERS.md: up to date\n');
  } else {
    process.stderr.write(
      'docs/PROVIDERS.md: out of date; run node packages/providers/src/providers-docs.ts --write\n',
    );
    process.exitCode = 1;
  }
} else {
  process.stderr.write('usage: node packages/providers/src/providers-docs.ts --write|--check\n');
  process.exitCode = 2;
}
