import { join } from 'node:path';
import { startChild } from './child.ts';
import { findProgram, versionOf } from './program.ts';
import { whenAnswering } from './readiness.ts';
import type { StartOptions, Subject } from './subject.ts';

export const smartdns: Subject = {
  name: 'smartdns',
  kind: 'peer',
  caches: true,
  installed: () => findProgram('smartdns') !== null,
  version: () => versionOf('smartdns', '-v'),
  start: (options) =>
    startChild({
      name: 'smartdns',
      files: (directory) => ({ 'smartdns.conf': configuration(options, directory) }),
      command: (directory) => [
        findProgram('smartdns') ?? 'smartdns',
        '-f',
        '-p',
        '-',
        '-c',
        join(directory, 'smartdns.conf'),
      ],
      core: options.core,
      ready: whenAnswering(options.port),
    }),
};

/** Without the speed check it forwards and no more; its cache is kept in memory alone. */
function configuration(options: StartOptions, directory: string): string {
  const { port, upstreamPort, authName, caFile, cache } = options;
  return `bind 127.0.0.1:${port}
bind-tcp 127.0.0.1:${port}
cache-size ${cache ? 100_000 : 0}
cache-persist no
speed-check-mode none
log-level error
log-file ${join(directory, 'smartdns.log')}
ca-file ${caFile}
server-tls 127.0.0.1:${upstreamPort} -host-name ${authName} -tls-host-verify ${authName}
`;
}
