import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestCa, type IssuedCertificate, type TestCa } from '@tridot/testbed';

/** The name that all upstreams of a run prove to have. */
export const AUTH_NAME = 'dot.example.com';

/** A CA and a certificate, made once: that costs more than a batch does. */
export interface Authority {
  readonly ca: TestCa;
  readonly certificate: IssuedCertificate;
  /** The trust anchor as a file. */
  readonly caFile: string;
  /** Removes the file. */
  close(): void;
}

export async function createAuthority(): Promise<Authority> {
  const ca = await createTestCa();
  const certificate = await ca.issue({ dnsNames: [AUTH_NAME], ipAddresses: ['127.0.0.1'] });
  const folder = mkdtempSync(join(tmpdir(), 'tridot-fuzz-'));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, ca.pem);
  return { ca, certificate, caFile, close: () => rmSync(folder, { recursive: true, force: true }) };
}
