import { join } from 'node:path';
import { startChild } from './child.ts';
import { findProgram, versionOf } from './program.ts';
import { whenAnswering } from './readiness.ts';
import type { StartOptions, Subject } from './subject.ts';

export const kresd: Subject = {
  name: 'kresd',
  kind: 'peer',
  caches: true,
  installed: () => findProgram('kresd') !== null,
  version: () => versionOf('kresd', '--version'),
  start: (options) =>
    startChild({
      name: 'kresd',
      files: () => ({ 'kresd.conf': kresdConfiguration(options, cacheLines(options)) }),
      command: (directory) => [
        findProgram('kresd') ?? 'kresd',
        '-n',
        '-c',
        join(directory, 'kresd.conf'),
        directory,
      ],
      core: options.core,
      ready: whenAnswering(options.port),
    }),
};

/**
 * `tcp_pipeline` also bounds what is in flight upstream: at its default of 100 it answers SERVFAIL beyond that.
 *
 * @param lines about its cache.
 */
export function kresdConfiguration(
  { port, upstreamPort, authName, caFile }: StartOptions,
  lines: readonly string[],
): string {
  return `net.listen('127.0.0.1', ${port}, { kind = 'dns' })
net.tcp_pipeline(10000)
trust_anchors.remove('.')
modules = { 'policy' }
${lines.map((line) => `${line}\n`).join('')}policy.add(policy.all(policy.TLS_FORWARD({
  { '127.0.0.1@${upstreamPort}', hostname = '${authName}', ca_file = '${caFile}' }
})))
`;
}

/** Its cache has no switch, but a query can be told not to use it. */
function cacheLines({ cache }: StartOptions): string[] {
  const size = 'cache.size = 100 * MB';
  return cache ? [size] : [size, "policy.add(policy.all(policy.FLAGS('NO_CACHE')))"];
}
