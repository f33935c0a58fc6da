import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, freePort, startAnsweringDnsdist, versionOf } from '@tridot/peers';
import {
  type Behaviour,
  createTestCa,
  type IssuedCertificate,
  startUpstream,
  type TestCa,
} from '@tridot/testbed';

/** The DNS-over-TLS server that the subjects forward to. */
export interface LoadUpstream {
  /** What it is, for the report. */
  readonly description: string;
  readonly port: number;
  readonly authName: string;
  readonly caFile: string;
  /** A directory that lasts as long as the upstream. */
  readonly directory: string;
  /** Connections accepted so far; null: not known. */
  connections(): number | null;
  /** Queries received so far; null: not known. */
  queries(): number | null;
  stop(): Promise<void>;
}

const AUTH_NAME = 'dot.example.com';

/** The cheapest upstream that there is: dnsdist answering out of memory, or else the testbed's, in this process. */
export async function startLoadUpstream(core: number): Promise<LoadUpstream> {
  if (findProgram('dnsdist') === null) return startCountingUpstream();
  const { directory, caFile, ca, remove } = await prepare();
  const { cert, key } = await issueCertificate(ca);
  const certificateFile = join(directory, 'upstream.pem');
  const keyFile = join(directory, 'upstream.key');
  writeFileSync(certificateFile, cert);
  writeFileSync(keyFile, key, { mode: 0o600 });
  const port = await freePort();
  const plainPort = await freePort();
  const server = await startAnsweringDnsdist({ port, plainPort, certificateFile, keyFile, core });
  return {
    description: `dnsdist ${versionOf('dnsdist', '--version')}, answering by itself`,
    ...{ port, authName: AUTH_NAME, caFile, directory },
    connections: () => null,
    queries: () => null,
    stop: async () => {
      await server.stop();
      remove();
    },
  };
}

/** The testbed's upstream, in this process, which counts what comes. */
export async function startCountingUpstream(behaviours: readonly Behaviour[] = []): Promise<LoadUpstream> {
  const { directory, caFile, ca, remove } = await prepare();
  const server = await startUpstream({
    ca,
    authName: AUTH_NAME,
    certificate: await issueCertificate(ca),
    behaviours,
    journal: 'counts',
  });
  return {
    description: 'the test bed’s upstream',
    ...{ port: server.port, authName: AUTH_NAME, caFile, directory },
    connections: () => server.journal.connectionCount,
    queries: () => server.journal.queryCount,
    stop: async () => {
      await server.close();
      remove();
    },
  };
}

/** smartdns compares the name with the subject's CN, all others with the subjectAltName. */
function issueCertificate(ca: TestCa): Promise<IssuedCertificate> {
  return ca.issue({ commonName: AUTH_NAME, dnsNames: [AUTH_NAME] });
}

/** This process may end before it has stopped what it started. */
const directories = new Set<string>();
process.once('exit', () => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

async function prepare() {
  const ca = await createTestCa();
  const directory = mkdtempSync(join(tmpdir(), 'tridot-bench-'));
  directories.add(directory);
  const remove = () => {
    directories.delete(directory);
    rmSync(directory, { recursive: true, force: true });
  };
  const caFile = join(directory, 'ca.pem');
  writeFileSync(caFile, ca.pem);
  return { directory, caFile, ca, remove };
}
