import { isatty } from 'node:tty';
import type { BoundAddress, Strategy } from '@tridot/listener';
import type { DnsProxy } from '../dns-proxy.ts';
import { createLog, type Logger } from '../logging/log.ts';
import { STANDARD_OUTPUT } from '../logging/standard-output.ts';
import { createProxy } from '../proxy.ts';
import type { EffectiveSettings } from '../settings/effective-settings.ts';
import { formatAddress } from '../sockets/endpoints.ts';
import { trustAnchorFiles } from '../upstreams/check-upstreams.ts';
import { endOnCrash } from './crash.ts';
import { watchFiles } from './file-watch.ts';
import { createReloading } from './reloading.ts';
import { drainOnSignals } from './signals.ts';

export interface ServeOptions {
  readonly settings: EffectiveSettings;
  /** Reads the settings again from where they came. */
  readonly readSettings: () => Promise<EffectiveSettings>;
  /** The file of the settings, if there is one. */
  readonly configFile: string | undefined;
}

/** Serves until a signal ends it. */
export async function serve(
  strategy: Strategy,
  { settings, readSettings, configFile }: ServeOptions,
): Promise<void> {
  const { level, format } = settings.log;
  const log = await createLog({ level, format, colors: isatty(STANDARD_OUTPUT) && !process.env.NO_COLOR });
  endOnCrash(log.logger);
  const proxy = createProxy(strategy, settings, { logger: log.logger });
  drainOnSignals(proxy, log.logger);
  const reload = createReloading({ proxy, log, readSettings });
  process.on('SIGHUP', () => reload('SIGHUP'));
  if (settings.watchConfig) watch(proxy, configFile, reload);
  const addresses = await proxy.start();
  log.announce(listeningLine(addresses, proxy));
  tellReceiveBuffers(addresses, settings, log.logger);
}

function watch(proxy: DnsProxy, configFile: string | undefined, reload: (why: string) => void): void {
  const files = (): string[] => [
    ...(configFile === undefined ? [] : [configFile]),
    ...trustAnchorFiles(proxy.settings),
  ];
  const { watchIntervalMs } = proxy.settings.limits.proxy;
  watchFiles(files, watchIntervalMs, (file) => reload(`a change of ${file}`));
}

/** The system may grant less than asked; whoever loses datagrams in bursts must be able to see it. */
function tellReceiveBuffers(
  addresses: readonly BoundAddress[],
  settings: EffectiveSettings,
  logger: Logger,
): void {
  const asked = settings.limits.listener.receiveBufferBytes;
  for (const { transport, address, port, receiveBufferBytes: granted } of addresses) {
    if (granted === undefined) continue;
    const line = `${transport} ${formatAddress(address, port)}: receive buffer of ${granted} octets, asked for ${asked}`;
    if (granted < asked) logger.info({}, line);
    else logger.debug({}, line);
  }
}

/** `listening on udp 127.0.0.1:5301, tcp 127.0.0.1:5301; upstreams …; admin http://127.0.0.1:9353` */
function listeningLine(addresses: readonly BoundAddress[], { upstreamNames, adminUrl }: DnsProxy): string {
  const places = addresses.map(
    ({ transport, address, port }) => `${transport} ${formatAddress(address, port)}`,
  );
  const upstreams = `${upstreamNames.length === 1 ? 'upstream' : 'upstreams'} ${upstreamNames.join(', ')}`;
  return `listening on ${places.join(', ')}; ${upstreams}${adminUrl === null ? '' : `; admin ${adminUrl}`}`;
}
