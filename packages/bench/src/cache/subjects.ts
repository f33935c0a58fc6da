/** Forwarders with settings of their own: the subjects of `@tridot/peers` can only be told whether to cache. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  findProgram,
  kresdConfiguration,
  type RunningSubject,
  SUBJECTS,
  type Subject,
  startChild,
  startNodeProgram,
  strategySubject,
  unboundConfiguration,
  whenAnswering,
} from '@tridot/peers';
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
        files: () => ({ 'unbound.conf': unboundConfiguration(options, unboundCache(bytes)) }),
        command: (directory) => [path('unbound'), '-d', '-c', join(directory, 'unbound.conf')],
        core: options.core,
        ready: whenAnswering(options.port),
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
        files: () => ({ 'kresd.conf': kresdConfiguration(options, [`cache.size = ${bytes}`]) }),
        command: (directory) => {
          cacheDirectory = directory;
          return [path('kresd'), '-n', '-c', join(directory, 'kresd.conf'), directory];
        },
        core: options.core,
        ready: whenAnswering(options.port),
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
function unboundCache(bytes: number): string[] {
  const messages = Math.round(bytes / 3);
  return [
    `msg-cache-size: ${messages}`,
    'msg-cache-slabs: 1',
    `rrset-cache-size: ${bytes - messages}`,
    'rrset-cache-slabs: 1',
  ];
}
