import { join } from 'node:path';
import { startChild } from './child.ts';
import { findProgram, versionOf } from './program.ts';
import { whenAnswering } from './readiness.ts';
import type { StartOptions, Subject } from './subject.ts';

export const unbound: Subject = {
  name: 'unbound',
  kind: 'peer',
  caches: true,
  installed: () => findProgram('unbound') !== null,
  version: () => versionOf('unbound', '-V'),
  start: (options) =>
    startChild({
      name: 'unbound',
      files: () => ({ 'unbound.conf': unboundConfiguration(options, serverLines(options)) }),
      command: (directory) => [
        findProgram('unbound') ?? 'unbound',
        '-d',
        '-c',
        join(directory, 'unbound.conf'),
      ],
      core: options.core,
      ready: whenAnswering(options.port),
    }),
};

/**
 * As a forwarder alone: nothing is validated, and the sockets and queries allowed are never what limits a run.
 *
 * @param lines for its server section, beside those that every forwarder of this kind needs.
 */
export function unboundConfiguration(
  { port, upstreamPort, authName, caFile }: StartOptions,
  lines: readonly string[],
): string {
  return `server:
  interface: 127.0.0.1@${port}
  do-daemonize: no
  username: ""
  chroot: ""
  pidfile: ""
  use-syslog: no
  do-not-query-localhost: no
  module-config: "iterator"
  tls-cert-bundle: "${caFile}"
  outgoing-range: 8192
  num-queries-per-thread: 4096
  outgoing-num-tcp: 100
  incoming-num-tcp: 1000
${lines.map((line) => `  ${line}\n`).join('')}remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-tls-upstream: yes
  forward-addr: 127.0.0.1@${upstreamPort}#${authName}
`;
}

/** Without `allow_snoop` it refuses every query with RD=0. */
function serverLines({ cache }: StartOptions): string[] {
  const lines = ['so-rcvbuf: 4m', 'access-control: 127.0.0.0/8 allow_snoop', 'ede: yes'];
  return cache ? lines : [...lines, 'cache-max-ttl: 0'];
}
