import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startChild, whenListening } from '@tridot/peers';
import type { Need } from '../case.ts';
import type { Settings, Subject, UpstreamTarget } from '../subject.ts';
import { type ChildStart, startChildSubject } from './child-subject.ts';

const CAN: ReadonlySet<Need> = new Set<Need>([
  'process',
  'start',
  'drains',
  'starts-unready',
  'limits',
  'deadline',
  'open-files',
  'two-upstreams',
  'ipv6',
  'wildcard',
  'query-log',
  'upstream-by-address',
  'cache',
  'coalescing',
  'serve-stale',
  'nxdomain-cut',
  'special-off',
  'allow',
  'rate-limit',
  'admin',
  'pins',
]);
const CONCURRENCY = 6;

/** Serving other machines has to be allowed. */
const EVERYBODY = ['--allow', '0.0.0.0/0', '--allow', '::/0'];

const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/compile', import.meta.url));

/** The programs, as paths: a strategy is never imported here. */
const PROGRAMS = {
  raw: '../../../raw/src/main.ts',
  framework: '../../../framework/src/main.ts',
  library: '../../../library/src/main.ts',
  'library-unfenced': '../../../../test/conformance/library-unfenced-main.ts',
} as const;

export type Program = keyof typeof PROGRAMS;
export const PROGRAM_NAMES: readonly Program[] = ['raw', 'framework', 'library', 'library-unfenced'];

/** One of the strategies as the command that a user runs. */
export function tridotSubject(name: Program): Subject {
  const main = fileURLToPath(new URL(PROGRAMS[name], import.meta.url));
  return {
    name,
    version: version(),
    can: CAN,
    shared: true,
    concurrency: CONCURRENCY,
    ...(name === 'library-unfenced' ? { patience: { replyMs: 1_000, caseMs: 6_000 } } : {}),
    start: (start) =>
      startChildSubject(start, (child) =>
        startChild({
          name,
          command: () =>
            limited(child.settings, [
              process.execPath,
              '--max-semi-space-size=4',
              main,
              ...commandLine(child),
            ]),
          // As the start scripts have it: without, each start costs twice the CPU.
          environment: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...start.environment },
          ready: whenListening,
        }),
      ),
  };
}

function commandLine({ port, upstreams, caFile, settings, pins }: ChildStart): string[] {
  return [
    ...addresses(settings, port).flatMap((address) => ['--listen', address]),
    ...upstreams.flatMap((upstream) => ['--upstream', upstreamAddress(upstream)]),
    ...admission(settings),
    ...pins.flatMap((pin) => ['--pin', `sha256/${pin}`]),
    ...(settings.admin === true ? ['--admin', '127.0.0.1:0'] : []),
    ...['--ca', caFile, '--log-format', 'json'],
    ...answers(settings),
    ...(settings.logQueries === true ? ['--log-queries'] : []),
    ...numbers(settings).flatMap(([flag, value]) => (value === undefined ? [] : [flag, String(value)])),
  ];
}

function admission({ listen, allow, denied, rateLimit }: Settings): string[] {
  return [
    ...(allow ?? []).flatMap((range) => ['--allow', range]),
    ...(allow === undefined && listen === 'wildcard' ? EVERYBODY : []),
    ...(denied === undefined ? [] : ['--denied', denied]),
    ...(rateLimit === undefined ? [] : ['--rate-limited', rateLimit.limited]),
  ];
}

/** Cases that do not ask for a cache want every query at the upstream. */
function answers({ cache, coalesce = false, specialOff = [] }: Settings): string[] {
  const { nxdomainCut = false, ...limits } = cache ?? {};
  return [
    cache === undefined ? '--no-cache' : '--cache',
    coalesce ? '--coalesce' : '--no-coalesce',
    ...(nxdomainCut ? ['--nxdomain-cut'] : []),
    ...specialOff.flatMap((zone) => ['--special-off', zone]),
    ...Object.entries(limits).flatMap(([key, value]) => [
      `--cache-${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      String(value),
    ]),
  ];
}

function numbers(settings: Settings): [flag: string, value: number | undefined][] {
  return [
    ['--listener-idle-timeout-ms', settings.idleTimeoutMs],
    ['--listener-write-stall-ms', settings.writeStallMs],
    ['--listener-max-connections', settings.maxConnections],
    ['--listener-max-in-flight', settings.maxInFlight],
    ['--upstream-query-timeout-ms', settings.queryTimeoutMs],
    ['--upstream-connect-timeout-ms', settings.connectTimeoutMs],
    ['--upstream-handshake-timeout-ms', settings.handshakeTimeoutMs],
    ['--upstream-idle-timeout-ms', settings.upstreamIdleMs],
    ['--upstream-max-in-flight-per-connection', settings.upstreamMaxInFlight],
    ['--grace-ms', settings.graceMs],
    ['--rate-limit-queries-per-second', settings.rateLimit?.queriesPerSecond],
    ['--rate-limit-burst', settings.rateLimit?.burst],
  ];
}

function addresses({ listen = 'loopback' }: Settings, port: number): string[] {
  if (listen === 'wildcard') return [`0.0.0.0:${port}`];
  return listen === 'loopback' ? [`127.0.0.1:${port}`] : [`127.0.0.1:${port}`, `[::1]:${port}`];
}

function upstreamAddress({ host, port, authName }: UpstreamTarget): string {
  return `tls://${host}:${port}${authName === '' ? '' : `#${authName}`}`;
}

/** The shell replaces itself by the program, so the pid stays the program's. */
function limited(
  { openFiles }: Settings,
  command: readonly [string, ...string[]],
): readonly [string, ...string[]] {
  if (openFiles === undefined) return command;
  return ['/bin/sh', '-c', `ulimit -n ${openFiles}; exec "$@"`, 'sh', ...command];
}

function version(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'),
  );
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return known ? String(manifest.version) : '';
}
