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
      files: () => ({ 'unbound.conf': configuration(options) }),
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
 * As a forwarder alone: nothing is validated, and the sockets and queries allowed are never what limits a run. Without
 * `allow_snoop` it refuses every query with RD=0.
 */
function configuration({ port, upstreamPort, authName, caFile, cache }: StartOptions): string {
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
  so-rcvbuf: 4m
  access-control: 127.0.0.0/8 allow_snoop
  ede: yes
${cache ? '' : '  cache-max-ttl: 0\n'}remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-tls-upstream: yes
  forward-addr: 127.0.0.1@${upstreamPort}#${authName}
`;
}
