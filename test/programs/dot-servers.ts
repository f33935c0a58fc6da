import { join } from 'node:path';
import { findProgram, freePort, type RunningSubject, startChild } from '@tridot/peers';
import { onTestFinished } from 'vitest';
import { AUTH_NAME, testCa, unboundCommand, unboundConfiguration, whenAccepting } from './servers.ts';

/** A resolver that serves DoT and answers every name below example.com with 192.0.2.1 by itself. */
export interface DotProgram {
  readonly name: string;
  /** Its configuration file; the certificate is in `cert.pem` and `key.pem` beside it. */
  configuration(port: number, idleMs: number, plainPort: number): string;
  readonly configurationFile: string;
  /** Age of a connection from which on it looks whether that is idle; default: at once. */
  readonly looksAfterMs?: number;
  command(directory: string): [string, ...string[]];
}

/** Now and then kresd does not end by itself while it is asked all the time; an init system would wait no longer either. */
const KILL_AFTER_MS = 1_000;

/** By the name of the program. */
export const DOT_PROGRAMS: readonly DotProgram[] = [
  {
    name: 'unbound',
    configurationFile: 'unbound.conf',
    configuration: (port, idleMs) =>
      unboundConfiguration(port, [
        `tcp-idle-timeout: ${idleMs}`,
        'local-zone: "example.com." redirect',
        "local-data: 'example.com. 300 A 192.0.2.1'",
      ]),
    command: unboundCommand,
  },
  {
    name: 'kresd',
    looksAfterMs: 7_000,
    configurationFile: 'kresd.conf',
    configuration: (port, idleMs) => `trust_anchors.remove('.')
modules = { 'policy' }
cache.size = 10 * MB
policy.add(policy.suffix(
  policy.ANSWER({ [kres.type.A] = { rdata = kres.str2ip('192.0.2.1'), ttl = 300 } }),
  policy.todnames({ 'example.com' })
))
net.tcp_in_idle(${idleMs})
net.tls('cert.pem', 'key.pem')
net.listen('127.0.0.1', ${port}, { kind = 'tls' })
`,
    command: (directory) => [
      findProgram('kresd') ?? 'kresd',
      '-n',
      '-c',
      join(directory, 'kresd.conf'),
      directory,
    ],
  },
  {
    name: 'dnsdist',
    configurationFile: 'dnsdist.conf',
    // Its idle time is in whole seconds, and for plain DNS it takes port 53 unless told otherwise. What no rule answers ends the
    // connection.
    configuration: (port, idleMs, plainPort) => `setSecurityPollSuffix("")
setLocal("127.0.0.1:${plainPort}")
setTCPRecvTimeout(${Math.ceil(idleMs / 1_000)})
addTLSLocal("127.0.0.1:${port}", "cert.pem", "key.pem", { provider = "openssl" })
addAction(QTypeRule(DNSQType.A), SpoofAction({ "192.0.2.1" }, { ttl = 300 }))
addAction(AllRule(), RCodeAction(DNSRCode.REFUSED))
`,
    command: (directory) => [
      findProgram('dnsdist') ?? 'dnsdist',
      '--supervised',
      '-C',
      join(directory, 'dnsdist.conf'),
    ],
  },
];

/** A real server that can be taken away and brought back, on the same port and with the same certificate. */
export interface RestartableServer {
  readonly port: number;
  /** Ends it in order (SIGTERM; SIGKILL if that takes too long), and settles once it has ended. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL, and settles once it has ended. */
  kill(): Promise<void>;
  /** Settles once it accepts connections again. */
  start(): Promise<void>;
}

/** Starts it; it is ended when the test is over. */
export async function startDotServer(program: DotProgram, idleMs: number): Promise<RestartableServer> {
  const port = await freePort();
  const plainPort = await freePort();
  const { cert, key } = await (await testCa()).issue({ dnsNames: [AUTH_NAME] });
  let running: RunningSubject | undefined;
  const start = async () => {
    running = await startChild({
      name: program.name,
      files: () => ({
        'cert.pem': cert,
        'key.pem': key,
        [program.configurationFile]: program.configuration(port, idleMs, plainPort),
      }),
      command: program.command,
      ready: () => whenAccepting(port),
    });
  };
  const stop = async () => running?.stop(KILL_AFTER_MS);
  onTestFinished(stop);
  await start();
  return {
    port,
    stop,
    kill: async () => {
      if (running !== undefined) process.kill(running.pid, 'SIGKILL');
      await running?.ended;
      await stop();
    },
    start,
  };
}
