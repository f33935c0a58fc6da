import { join } from 'node:path';
import { startChild } from './child.ts';
import { findProgram, versionOf } from './program.ts';
import { whenAnswering } from './readiness.ts';
import type { StartOptions, Subject } from './subject.ts';

export const stubby: Subject = {
  name: 'stubby',
  kind: 'peer',
  caches: false,
  installed: () => findProgram('stubby') !== null,
  version: () => versionOf('stubby', '-V'),
  start: (options) =>
    startChild({
      name: 'stubby',
      files: () => ({ 'stubby.yml': configuration(options) }),
      command: (directory) => [findProgram('stubby') ?? 'stubby', '-C', join(directory, 'stubby.yml')],
      core: options.core,
      ready: whenAnswering(options.port),
    }),
};

function configuration({ port, upstreamPort, authName, caFile }: StartOptions): string {
  return `resolution_type: GETDNS_RESOLUTION_STUB
dns_transport_list:
  - GETDNS_TRANSPORT_TLS
tls_authentication: GETDNS_AUTHENTICATION_REQUIRED
tls_ca_file: "${caFile}"
idle_timeout: 10000
listen_addresses:
  - 127.0.0.1@${port}
upstream_recursive_servers:
  - address_data: 127.0.0.1
    tls_port: ${upstreamPort}
    tls_auth_name: "${authName}"
`;
}
