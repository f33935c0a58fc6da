import {
  DEFAULT_GROUP,
  type GroupOptions,
  type RoutedGroupOptions,
  type ServerOptions,
  type TlsServerOptions,
  type UpstreamsOptions,
} from '@tridot/upstream';
import { SettingError } from '../failures.ts';
import { shown } from '../logging/one-line.ts';
import type { Settings } from '../settings/settings-schema.ts';
import { didYouMean } from '../settings/suggestion.ts';
import type { WrittenGroup, WrittenUpstream } from '../settings/upstream-schema.ts';
import { isPlain, parsePlainOrTlsUpstream } from './plain-address.ts';
import { readTrustAnchors } from './trust-anchors.ts';
import { EMBEDDED } from './upstream-addresses.ts';

/** What to call a setting in an error line. */
export type NameOf = (key: string, below?: readonly string[]) => string;

/** Stands for the upstream inside the process where none is running. */
export const NO_EMBEDDED: TlsServerOptions = { host: '127.0.0.1', port: 853, label: EMBEDDED };

/**
 * The options of the upstream side. Reads the files of trust anchors.
 *
 * @param embedded the upstream inside the process.
 * @throws {SettingError} ERR_SETTING: settings do not go together, or a file cannot be used.
 */
export function upstreamsOptions(
  settings: Settings,
  embedded: TlsServerOptions = NO_EMBEDDED,
  nameOf: NameOf = byKey,
): UpstreamsOptions {
  const { groups, routes, selection, servfail, ecs, warm, limits } = settings;
  const context: Context = { tls: settings.tls, embedded, pinsName: nameOf('tls.pins') };
  checkPair(settings.tls, nameOf('tls.clientCert'), nameOf('tls.clientKey'));
  const main: GroupOptions = {
    servers: serversOf(settings.upstream, context, (below) => nameOf('upstream', below)),
    selection,
    servfail,
    ecs,
    warm,
    limits: limits.upstream,
    ...(settings.ca === undefined ? {} : { ca: readTrustAnchors(settings.ca, nameOf('ca')) }),
  };
  checkHedging(main, nameOf('selection'));
  const made: Record<string, RoutedGroupOptions> = {};
  for (const [name, group] of Object.entries(groups)) {
    made[name] = groupOf(main, group, context, (below) => nameOf('groups', [name, ...below]));
  }
  checkRoutes(routes, Object.keys(groups), nameOf);
  return { ...main, groups: made, routes };
}

interface Context {
  readonly tls: Settings['tls'];
  readonly embedded: TlsServerOptions;
  /** What to call the pins of all upstreams in an error line. */
  readonly pinsName: string;
}

type PlaceOf = (below: readonly string[]) => string;

/** What a group does not say is as it is at the top. */
function groupOf(
  main: GroupOptions,
  group: WrittenGroup,
  context: Context,
  placeOf: PlaceOf,
): RoutedGroupOptions {
  const { upstream, insecure = false, ca, limits, selection, servfail, ecs, warm } = group;
  const servers = serversOf(upstream, context, (below) => placeOf(['upstream', ...below]));
  const plain = servers.find(isPlain);
  if (plain !== undefined && !insecure) {
    throw new SettingError(
      `${placeOf(['upstream'])}: ${plain.label} is not encrypted; use tls://, or write insecure: true in the group`,
    );
  }
  const made: RoutedGroupOptions = {
    ...main,
    servers,
    insecure,
    ...withoutUndefined({ selection, servfail, ecs, warm }),
    limits: { ...main.limits, ...withoutUndefined(limits ?? {}) },
    ...(ca === undefined ? {} : { ca: readTrustAnchors(ca, placeOf(['ca'])) }),
  };
  checkHedging(made, placeOf(['selection']));
  return made;
}

function serversOf(list: readonly WrittenUpstream[], context: Context, placeOf: PlaceOf): ServerOptions[] {
  return list.flatMap((written, index) => {
    const entry = typeof written === 'string' ? { server: written } : written;
    const place = (key: string): string => placeOf(typeof written === 'string' ? [] : [String(index), key]);
    const parsed = parsePlainOrTlsUpstream(entry.server);
    if (parsed === EMBEDDED) return [context.embedded];
    return parsed.map((server): ServerOptions => {
      if (!isPlain(server)) return { ...server, ...identityOf(entry, context, place) };
      const [setting] = Object.keys(entry).filter((key) => key !== 'server');
      if (setting !== undefined) throw new SettingError(`${place(setting)}: is for upstreams with TLS alone`);
      return server;
    });
  });
}

/** How one server proves who it is, and we to it: what it says itself, else what is said for all. */
function identityOf(
  entry: Exclude<WrittenUpstream, string>,
  { tls, pinsName }: Context,
  place: (key: string) => string,
): Omit<TlsServerOptions, 'host' | 'port'> {
  checkPair(entry, place('clientCert'), place('clientKey'));
  const pins = entry.pins ?? tls.pins;
  const opportunistic = entry.opportunistic ?? tls.opportunistic;
  if (pins.length > 0 && opportunistic) {
    throw new SettingError(
      `${entry.pins === undefined ? pinsName : place('pins')}: cannot be given together with opportunistic: it would use any key`,
    );
  }
  const { clientCert: certFile, clientKey: keyFile } = entry.clientCert === undefined ? tls : entry;
  const identified = certFile !== undefined && keyFile !== undefined;
  return {
    sni: entry.sni ?? tls.sni,
    tls13Only: entry.tls13Only ?? tls.tls13Only,
    authentication: opportunistic ? 'opportunistic' : 'strict',
    ...(pins.length === 0 ? {} : { pins }),
    ...(identified ? { clientCertificate: { certFile, keyFile } } : {}),
    ...(entry.ca === undefined ? {} : { ca: readTrustAnchors(entry.ca, place('ca')) }),
  };
}

interface Pair {
  readonly clientCert?: string | undefined;
  readonly clientKey?: string | undefined;
}

function checkPair({ clientCert, clientKey }: Pair, certName: string, keyName: string): void {
  if ((clientCert === undefined) === (clientKey === undefined)) return;
  throw new SettingError(
    clientKey === undefined
      ? `${certName}: has no private key beside it; give clientKey (--client-key) too`
      : `${keyName}: has no certificate beside it; give clientCert (--client-cert) too`,
  );
}

function checkHedging({ selection, limits }: GroupOptions, name: string): void {
  if (selection !== 'race' || (limits?.hedgePercent ?? 0) === 0) return;
  throw new SettingError(`${name}: race already asks several; it needs limits.upstream.hedgePercent 0`);
}

function checkRoutes(routes: Settings['routes'], groups: readonly string[], nameOf: NameOf): void {
  const known = [DEFAULT_GROUP, ...groups];
  for (const [suffix, group] of Object.entries(routes)) {
    if (known.includes(group)) continue;
    throw new SettingError(
      `${nameOf('routes', [suffix])}: ${shown(group)} is not a group; it may be ${known.join(', ')}${didYouMean(group, known)}`,
    );
  }
}

function byKey(key: string, below: readonly string[] = []): string {
  return [key, ...below].join('.');
}

function withoutUndefined<T extends object>(values: T): { [name in keyof T]?: Exclude<T[name], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [name in keyof T]?: Exclude<T[name], undefined>;
  };
}
