import { join } from 'node:path';
import { startChild } from './child.ts';
import { findProgram, versionOf } from './program.ts';
import { whenAnswering } from './readiness.ts';
import type { RunningSubject, StartOptions, Subject } from './subject.ts';

export const dnsdist: Subject = {
  name: 'dnsdist',
  kind: 'peer',
  caches: true,
  installed: () => findProgram('dnsdist') !== null,
  version: () => versionOf('dnsdist', '--version'),
  start: (options) => startDnsdist('dnsdist', forwarderConfiguration(options), options.port, options.core),
};

/** Where dnsdist answers by itself, as an upstream that costs as little as possible. */
export interface AnsweringOptions {
  /** Port for DNS over TLS on 127.0.0.1. */
  readonly port: number;
  /** A free port on 127.0.0.1 for plain DNS, by which it is seen to be ready. */
  readonly plainPort: number;
  /** Absolute paths of the certificate and its key, PEM. */
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly core?: number | undefined;
}

/**
 * Starts dnsdist as a DNS-over-TLS server that gives one address to every query, out of memory.
 *
 * @throws {SubjectStartError} ERR_SUBJECT_START: it did not come to answer.
 */
export function startAnsweringDnsdist(options: AnsweringOptions): Promise<RunningSubject> {
  const { port, plainPort, certificateFile, keyFile, core } = options;
  const configuration = `setSecurityPollSuffix("")
setLocal("127.0.0.1:${plainPort}")
addTLSLocal("127.0.0.1:${port}", "${certificateFile}", "${keyFile}", {maxInFlight=65000, provider="openssl"})
addAction(AllRule(), SpoofAction({"192.0.2.1"}, {ttl=300}))
`;
  return startDnsdist('answering-dnsdist', configuration, plainPort, core);
}

function startDnsdist(name: string, configuration: string, port: number, core: number | undefined) {
  return startChild({
    name,
    files: () => ({ 'dnsdist.conf': configuration }),
    command: (directory) => [
      findProgram('dnsdist') ?? 'dnsdist',
      '--supervised',
      '-C',
      join(directory, 'dnsdist.conf'),
    ],
    core,
    ready: whenAnswering(port),
  });
}

/** `setUp`: it takes the upstream for available without asking it for `a.root-servers.net` again and again. */
function forwarderConfiguration({ port, upstreamPort, authName, caFile, cache }: StartOptions): string {
  return `setSecurityPollSuffix("")
setLocal("127.0.0.1:${port}", {reusePort=true})
setACL({"127.0.0.0/8"})
newServer({address="127.0.0.1:${upstreamPort}", tls="openssl", subjectName="${authName}", caStore="${caFile}",
  validateCertificates=true, maxInFlight=1000}):setUp()
setUDPSocketBufferSizes(4194304, 4194304)
${cache ? 'getPool(""):setCache(newPacketCache(100000))' : ''}
`;
}
