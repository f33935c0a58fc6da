/**
 * Certificates for the upstreams that run as containers of their own: a throwaway CA, and one certificate that all of them share.
 * Made once; what is there already stays, so that an upstream which is started again is the one that forwarders know.
 *
 *   node docker/certificates.ts CA-FOLDER TLS-FOLDER NAME
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTestCa } from '../packages/testbed/src/test-ca.ts';

const [caFolder, tlsFolder, authName] = process.argv.slice(2);
if (caFolder === undefined || tlsFolder === undefined || authName === undefined) {
  console.error('usage: node docker/certificates.ts CA-FOLDER TLS-FOLDER NAME');
  process.exit(2);
}
const caFile = join(caFolder, 'ca.pem');
if (existsSync(caFile)) {
  console.log(`${caFile} is there already`);
} else {
  const ca = await createTestCa();
  const { cert, key } = await ca.issue({ dnsNames: [authName] });
  writeFileSync(join(tlsFolder, 'key.pem'), key, { mode: 0o600 });
  writeFileSync(join(tlsFolder, 'cert.pem'), cert);
  // Last: with it, everything is there.
  writeFileSync(caFile, ca.pem);
  console.log(`wrote ${caFile} for ${authName}`);
}
