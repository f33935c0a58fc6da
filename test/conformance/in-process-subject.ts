import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  Need,
  RunningSubject,
  Settings,
  Subject,
  SubjectStart,
  UpstreamTarget,
} from '@tridot/conformance';
import type { Strategy } from '@tridot/listener';
import { freePort } from '@tridot/peers';
import { createProxy, createSettings, type DnsProxy, type Logger, type SettingsInput } from '@tridot/proxy';

const CAN: ReadonlySet<Need> = new Set<Need>([
  'start',
  'drains',
  'starts-unready',
  'limits',
  'deadline',
  'in-process',
  'two-upstreams',
  'ipv6',
  'wildcard',
  'query-log',
  'counters',
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

/** A strategy behind the same proxy that its command line runs, in this process. */
export function inProcessSubject(strategy: Strategy): Subject {
  return {
    name: strategy.name,
    can: CAN,
    concurrency: 6,
    async start(start) {
      const { folder, input } = await settingsFor(start);
      const observed = observe(strategy);
      const lines: string[] = [];
      const proxy = createProxy(observed.strategy, createSettings(input), { logger: linesInto(lines) });
      try {
        const [bound] = await proxy.start();
        if (bound === undefined) throw new Error('the proxy bound nothing');
        return running(proxy, bound, observed.inFlight, lines, folder);
      } catch (error) {
        rmSync(folder, { recursive: true });
        throw error;
      }
    },
  };
}

function running(
  proxy: DnsProxy,
  { address, port }: { address: string; port: number },
  inFlight: () => number,
  lines: readonly string[],
  folder: string,
): RunningSubject {
  return {
    address,
    port,
    adminUrl: proxy.adminUrl ?? undefined,
    logs: () => lines.join('\n'),
    async health() {
      const dropped = proxy.listenerEvents.udp['overload-dropped'];
      return { pid: process.pid, alive: true, inFlight: inFlight(), dropped };
    },
    async stop(options) {
      await proxy.close({ graceMs: options?.graceMs ?? 0 });
      rmSync(folder, { recursive: true, force: true });
      return { code: null, signal: null };
    },
  };
}

/** The strategy, with the queries counted that its handler has not answered yet. */
function observe(strategy: Strategy): { strategy: Strategy; inFlight: () => number } {
  let inFlight = 0;
  return {
    inFlight: () => inFlight,
    strategy: {
      name: strategy.name,
      create: (handler, options) =>
        strategy.create((query, client) => {
          const reply = handler(query, client);
          if (!(reply instanceof Promise)) return reply;
          inFlight += 1;
          return reply.finally(() => {
            inFlight -= 1;
          });
        }, options),
    },
  };
}

async function settingsFor(start: SubjectStart): Promise<{ folder: string; input: SettingsInput }> {
  const folder = mkdtempSync(join(tmpdir(), 'tridot-conformance-'));
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, start.upstreams.map((upstream) => upstream.caPem).join('\n'));
  const { settings } = start;
  return {
    folder,
    input: {
      listen: await listenOn(settings),
      upstream: start.upstreams.map(upstreamAddress),
      ca,
      access: accessFor(settings),
      ...(settings.admin === true ? { admin: '127.0.0.1:0' } : {}),
      tls: { pins: start.pins.map((pin) => `sha256/${pin}`) },
      // Cases that do not ask for a cache want every query at the upstream.
      cache: {
        enabled: settings.cache !== undefined,
        coalesce: settings.coalesce ?? false,
        nxdomainCut: settings.cache?.nxdomainCut ?? false,
      },
      policy: { specialOff: [...(settings.specialOff ?? [])] },
      log: { queries: settings.logQueries ?? false },
      limits: limitsOf(settings),
    },
  };
}

function accessFor({ listen, allow, denied, rateLimit }: Settings): NonNullable<SettingsInput['access']> {
  // Serving other machines has to be allowed.
  const allowed = allow ?? (listen === 'wildcard' ? ['0.0.0.0/0', '::/0'] : undefined);
  return {
    ...(allowed === undefined ? {} : { allow: [...allowed] }),
    ...(denied === undefined ? {} : { denied }),
    ...(rateLimit === undefined ? {} : { rateLimited: rateLimit.limited }),
  };
}

/** Where each setting of the cases lies in those of the proxy. */
function limitsOf(settings: Settings): NonNullable<SettingsInput['limits']> {
  const { maxInFlight, maxConnections, writeStallMs, idleTimeoutMs } = settings;
  return {
    cache: cacheLimitsOf(settings),
    listener: present({ maxInFlight, maxConnections, writeStallMs, idleTimeoutMs }),
    upstream: present({
      queryTimeoutMs: settings.queryTimeoutMs,
      connectTimeoutMs: settings.connectTimeoutMs,
      handshakeTimeoutMs: settings.handshakeTimeoutMs,
      idleTimeoutMs: settings.upstreamIdleMs,
      maxInFlightPerConnection: settings.upstreamMaxInFlight,
    }),
    proxy: present({ graceMs: settings.graceMs }),
    rateLimit: present({
      queriesPerSecond: settings.rateLimit?.queriesPerSecond,
      burst: settings.rateLimit?.burst,
    }),
  };
}

function cacheLimitsOf({ cache = {} }: Settings): Record<string, number> {
  const { nxdomainCut: _, ...limits } = cache;
  return present(limits);
}

function present(numbers: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(numbers).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

async function listenOn({ listen = 'loopback', port = 0 }: Settings): Promise<string[]> {
  if (listen === 'loopback') return [`127.0.0.1:${port}`];
  if (listen === 'wildcard') return [`0.0.0.0:${port}`];
  const shared = port === 0 ? await freePort() : port;
  return [`127.0.0.1:${shared}`, `[::1]:${shared}`];
}

function upstreamAddress({ host, port, authName }: UpstreamTarget): string {
  return `tls://${host}:${port}${authName === '' ? '' : `#${authName}`}`;
}

function linesInto(lines: string[]): Logger {
  const log = (level: string) => (fields: object, message: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  };
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    fatal: log('fatal'),
  };
}
