/** `pnpm --filter bench handshakes`: TLS handshakes for each 1 000 queries, at four rates, side by side. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { progress } from './command.ts';
import { measureHandshakes } from './handshakes/measure-handshakes.ts';
import { type HandshakeOptions, HELP, readHandshakeOptions } from './handshakes/options.ts';
import { handshakePage, handshakeTables } from './handshakes/page.ts';
import type { HandshakeResult } from './handshakes/result.ts';
import { describeEnvironment, pinThisProcess } from './method/environment.ts';
import { BenchOptionError } from './options.ts';
import { plainTable } from './report/text-table.ts';

const PAGE = fileURLToPath(new URL('../../../docs/HANDSHAKES.md', import.meta.url));

try {
  const options = readHandshakeOptions(process.argv.slice(2));
  // A signal ends a process without its `exit` event, which is what takes the subjects with it.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  if (options.help) process.stdout.write(HELP);
  else await follow(options);
} catch (error) {
  if (!(error instanceof BenchOptionError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function follow({ subjects, method, jsonFile, writeDocs }: HandshakeOptions): Promise<void> {
  const environment = describeEnvironment([]);
  pinThisProcess(method.loadCore);
  const measured = await measureHandshakes({ subjects, method, onProgress: progress });
  const result: HandshakeResult = {
    kind: 'handshakes',
    environment,
    method,
    subjects: subjects.map((subject) => ({ name: subject.name, version: subject.version() })),
    ...measured,
  };
  for (const { title, cells } of handshakeTables(result)) console.log(`\n${title}\n\n${plainTable(cells)}`);
  for (const failure of result.failures) console.log(`failed: ${failure}`);
  if (jsonFile !== null) writeFileSync(jsonFile, `${JSON.stringify(result, null, 2)}\n`);
  if (writeDocs) writeFileSync(PAGE, handshakePage(result));
}
