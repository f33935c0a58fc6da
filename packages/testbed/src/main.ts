/** The upstream as a program of its own, so that other servers can forward to it. `--help` says how. */
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseBehaviour } from './behaviours/named.ts';
import { createTestCa, type IssuedCertificate } from './test-ca.ts';
import { startUpstream, type TestUpstream } from './upstream.ts';

const HELP = `usage: pnpm --filter testbed start [options]

  --host ADDR         address to listen on (127.0.0.1)
  --port PORT         port to listen on (8853; 0 lets the system choose)
  --name NAME         authentication name that the certificate is for (dot.example.com)
  --cert FILE         certificate chain in PEM, instead of one of a throwaway CA
  --key FILE          its private key in PEM
  --ca-out FILE       where the CA certificate is written (a file in the directory for temporary files)
  --behaviour B       repeatable: silence, delay=200, closeAfter=10, ...; first to last
  --help              this text
`;

const { values } = readOptions();
if (values.help === true) process.stdout.write(HELP);
else await serve();

async function serve(): Promise<void> {
  const host = values.host ?? '127.0.0.1';
  const authName = values.name ?? 'dot.example.com';
  const certificate = ownCertificate();
  const upstream = await startUpstream({
    host,
    port: portOption(values.port ?? '8853'),
    authName,
    behaviours: behavioursOption(values.behaviour ?? []),
    journal: 'counts',
    ca: await createTestCa(),
    ...(certificate === null ? {} : { certificate }),
  }).catch((error: unknown) => fail(`cannot listen on ${host}: ${messageOf(error)}`, 1));
  const trust = certificate === null ? `, CA ${writeCa(upstream)}` : '';
  console.log(`listening tls://${host}:${upstream.port}#${authName}${trust}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      console.log(
        `served ${upstream.journal.queryCount} queries on ${upstream.journal.connectionCount} connections`,
      );
      void upstream.close().then(() => process.exit(0));
    });
  }
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        host: { type: 'string' },
        port: { type: 'string' },
        name: { type: 'string' },
        cert: { type: 'string' },
        key: { type: 'string' },
        'ca-out': { type: 'string' },
        behaviour: { type: 'string', multiple: true },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    return fail(messageOf(error), 2);
  }
}

function ownCertificate(): IssuedCertificate | null {
  if (values.cert === undefined && values.key === undefined) return null;
  if (values.cert === undefined || values.key === undefined) return fail('--cert and --key go together', 2);
  return { cert: readOption('--cert', values.cert), key: readOption('--key', values.key), spkiSha256: '' };
}

function writeCa(upstream: TestUpstream): string {
  const file = values['ca-out'] ?? join(tmpdir(), `tridot-testbed-ca-${upstream.port}.pem`);
  try {
    writeFileSync(file, upstream.caPem);
    return file;
  } catch (error) {
    return fail(`--ca-out ${file}: ${messageOf(error)}`, 1);
  }
}

function readOption(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return fail(`${option} ${file}: ${messageOf(error)}`, 2);
  }
}

function portOption(text: string): number {
  const port = Number(text);
  return /^\d+$/.test(text) && port <= 65_535 ? port : fail(`--port is "${text}"; it may be 0 to 65535`, 2);
}

function behavioursOption(texts: readonly string[]) {
  try {
    return texts.map(parseBehaviour);
  } catch (error) {
    return fail(messageOf(error), 2);
  }
}

function fail(message: string, exitCode: number): never {
  console.error(message);
  process.exit(exitCode);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
