/** `pnpm providers`: the table in the terminal, and the probe. */
import { run } from './command.ts';
import { PROVIDERS } from './table.ts';

process.exitCode = await run(process.argv.slice(2), {
  providers: PROVIDERS,
  write: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
});
