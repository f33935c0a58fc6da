/** Forwarders with settings of their own: the subjects of `@tridot/peers` can only be told whether to cache. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  findProgram,
  type RunningSubject,
  type StartingChild,
  type StartOptions,
  SUBJECTS,
  type Subject,
  startChild,
  startNodeProgram,
  strategySubject,
} from '@tridot/peers';
import { createUdpClient, query, rcodeOf, WaitTimeoutError } from '@tridot/testbed';
import { BENCH_LIMITS } from '../limits.ts';

const RAW_MAIN = fileURLToPath(new URL('main.ts', import.meta.resolve('@tridot/raw')));

/** The raw strategy under another name, with flags behind those that every subject has. */
export function rawWith(name: string, flags: readonly string[]): Subject {
  return {
    ...strategySubject('raw'),
    name,
    start: ({ port, upstreamPort, authName, caFile, core, nodeFlags = [] }) =>
      startNodeProgram({
        name,
        // As the start script has it.
        nodeFlags: ['--max-semi-space-size=4', ...nodeFlags],
        program: RAW_MAIN,
        args: [
          ...['--listen', `127.0.0.1:${port}`],
          ...['--upstream', `tls://127.0.0.1:${upstreamPort}#${authName}`],
          ...['--ca', caFile],
          ...flags,
        ],
        core,
      }),
  };
}

/** Subjects whose cache can be bounded in octets, each bounded to the same. */
export function subjectsWithCacheOf(bytes: number): Subject[] {
  return [
    rawWith('raw', ['--cache-max-bytes', String(bytes)]),
    unboundWith(bytes),
    kresdWith(bytes, 'kresd', true),
    kresdWith(bytes, 'kresd without collector', false),
  ].filter((subject) => subject.installed());
}

function unboundWith(bytes: number): Subject {
  return {
    ...subjectNamed('unbound'),
    start: (options) =>
      startChild({
        name: 'unbound',
        files: () => ({ 'unbound.conf': unboundConfiguration(options, bytes) }),
        command: (directory) => [path('unbound'), '-d', '-c', join(directory, 'unbound.conf')],
        core: options.core,
        ready: (child) => whenAnswering(options.port, child),
      }),
  };
}

/** Its packages start a garbage collector beside it, which makes room before the cache is full. */
function kresdWith(bytes: number, name: string, collects: boolean): Subject {
  const kresd = subjectNamed('kresd');
  return {
    ...kresd,
    name,
    installed: () => kresd.installed() && (!collects || findProgram('kres-cache-gc') !== null),
    start: async (options) => {
      let cacheDirectory = '';
      const server = await startChild({
        name: 'kresd',
        files: () => ({ 'kresd.conf': kresdConfiguration(options, bytes) }),
        command: (directory) => {
          cacheDirectory = directory;
          return [path('kresd'), '-n', '-c', join(directory, 'kresd.conf'), directory];
        },
        core: options.core,
        ready: (child) => whenAnswering(options.port, child),
      });
      return collects ? withCollector(server, cacheDirectory, options.core) : server;
    },
  };
}

async function withCollector(
  server: RunningSubject,
  directory: string,
  core: number | undefined,
): Promise<RunningSubject> {
  const intervalMs = String(BENCH_LIMITS.kresdCollectionMs.default);
  const collector = await startChild({
    name: 'kres-cache-gc',
    command: () => [path('kres-cache-gc'), '-c', directory, '-d', intervalMs],
    core,
    ready: () => Promise.resolve(),
  });
  return {
    pid: server.pid,
    ended: server.ended,
    log: () => server.log() + collector.log(),
    stop: async () => {
      await collector.stop();
      await server.stop();
    },
  };
}

function subjectNamed(name: string): Subject {
  const found = SUBJECTS.find((subject) => subject.name === name);
  if (found === undefined) throw new Error(`no subject is called "${name}"`);
  return found;
}

function path(program: string): string {
  return findProgram(program) ?? program;
}

/** One third for messages and two for their records, as its manual advises. */
function unboundConfiguration(options: StartOptions, bytes: number): string {
  const { port, upstreamPort, authName, caFile } = options;
  const messages = Math.round(bytes / 3);
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
  msg-cache-size: ${messages}
  msg-cache-slabs: 1
  rrset-cache-size: ${bytes - messages}
  rrset-cache-slabs: 1
remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-tls-upstream: yes
  forward-addr: 127.0.0.1@${upstreamPort}#${authName}
`;
}

function kresdConfiguration({ port, upstreamPort, authName, caFile }: StartOptions, bytes: number): string {
  return `net.listen('127.0.0.1', ${port}, { kind = 'dns' })
net.tcp_pipeline(10000)
trust_anchors.remove('.')
modules = { 'policy' }
cache.size = ${bytes}
policy.add(policy.all(policy.TLS_FORWARD({
  { '127.0.0.1@${upstreamPort}', hostname = '${authName}', ca_file = '${caFile}' }
})))
`;
}

/** Ready when a query over UDP gets an answer that is no failure. */
async function whenAnswering(port: number, child: StartingChild): Promise<void> {
  const client = await createUdpClient({ address: '127.0.0.1', port });
  try {
    while (!child.signal.aborted && !(await isAnswered(client.ask(query({ name: 'example.com' }), PROBE))));
  } finally {
    await client.close();
  }
}

const PROBE = { timeoutMs: BENCH_LIMITS.subjectProbeMs.default };

async function isAnswered(reply: Promise<Buffer>): Promise<boolean> {
  try {
    return rcodeOf(await reply) === 0;
  } catch (error) {
    // Until its port is bound, queries go nowhere.
    if (error instanceof WaitTimeoutError) return false;
    throw error;
  }
}
