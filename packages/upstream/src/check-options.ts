import { isIP } from 'node:net';
import { UpstreamOptionError } from './errors.ts';
import { UPSTREAM_LIMITS, type UpstreamLimits, withDefaults } from './limits.ts';
import {
  type GroupOptions,
  isPlain,
  type PlainServerOptions,
  type RoutedGroupOptions,
  type ServerOptions,
  type TlsServerOptions,
  type UpstreamsOptions,
} from './options.ts';
import { isPrivateAddress } from './private-address.ts';
import { labelsOf } from './routes.ts';
import { SELECTIONS } from './selection/selection.ts';

/** The name of the group that serves what no route is for. */
export const DEFAULT_GROUP = 'default';

/** Letters, digits, hyphens and underscores in labels of 1 to 63; punycode for anything else. A final dot is allowed. */
const HOST_NAME = /^(?=.{1,254}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\.?$/i;

/** 32 octets in Base64. */
const PIN = /^sha256\/[A-Za-z0-9+/]{43}=$/;

const CHOICES = {
  selection: SELECTIONS,
  servfail: ['answer', 'failure'],
  ecs: ['forward', 'strip'],
} as const satisfies Partial<Record<keyof GroupOptions, readonly string[]>>;

/**
 * Looks at everything but the contents of PEM text and files.
 *
 * @throws {UpstreamOptionError} ERR_UPSTREAM_OPTION, naming the option, its value and what it may be.
 */
export function checkOptions(options: UpstreamsOptions): void {
  const { groups = {}, routes = {} } = options;
  checkGroup(options, '', options.limits);
  for (const [index, server] of options.servers.entries()) {
    if (isPlain(server))
      fail(`servers[${index}].transport`, 'tls, since no route leads here', server.transport);
  }
  for (const [name, group] of Object.entries(groups)) {
    if (name === DEFAULT_GROUP) fail('groups', `names other than ${DEFAULT_GROUP}`, name);
    checkGroup(group, `groups.${name}.`, { ...options.limits, ...group.limits });
  }
  for (const [suffix, group] of Object.entries(routes)) {
    if (labelsOf(suffix) === null) fail('routes', 'a domain name', suffix);
    if (!Object.hasOwn(groups, group) && group !== DEFAULT_GROUP) {
      fail(`routes.${suffix}`, `one of ${[DEFAULT_GROUP, ...Object.keys(groups)].join(', ')}`, group);
    }
  }
}

/** Every limit of a group, those of all groups and defaults included. */
export function limitsOf(all?: Partial<UpstreamLimits>, group?: Partial<UpstreamLimits>): UpstreamLimits {
  return withDefaults({ ...all, ...group });
}

function checkGroup(group: RoutedGroupOptions, where: string, limits: Partial<UpstreamLimits> = {}): void {
  if (group.servers.length === 0) throw new UpstreamOptionError(`${where}servers: expected at least one`);
  for (const [option, choices] of Object.entries(CHOICES)) {
    const value = group[option as keyof typeof CHOICES];
    const known: readonly string[] = choices;
    if (value !== undefined && !known.includes(value)) fail(where + option, choices.join(', '), value);
  }
  for (const [index, server] of group.servers.entries()) {
    checkServer(server, `${where}servers[${index}]`, group.insecure === true);
  }
  for (const [name, { min, max }] of Object.entries(UPSTREAM_LIMITS)) {
    const value = limits[name as keyof UpstreamLimits];
    if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) continue;
    throw new UpstreamOptionError(
      `${where}limits.${name}: expected an integer from ${min} to ${max}, not ${value}`,
    );
  }
  if (group.selection === 'race' && (limits.hedgePercent ?? 0) > 0) {
    throw new UpstreamOptionError(`${where}limits.hedgePercent: expected 0 with the selection race`);
  }
}

function checkServer(server: ServerOptions, where: string, insecure: boolean): void {
  const { host, port } = server;
  if (isIP(host) === 0 && !HOST_NAME.test(host)) fail(`${where}.host`, 'an IP address or a host name', host);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new UpstreamOptionError(`${where}.port: expected a port from 1 to 65535, not ${port}`);
  }
  if (isPlain(server)) checkPlainServer(server, where, insecure);
  else checkTlsServer(server, where);
}

/** Clear text leaves only where somebody said so, and then no further than a private network. */
function checkPlainServer({ transport, host }: PlainServerOptions, where: string, insecure: boolean): void {
  if (!insecure) {
    throw new UpstreamOptionError(
      `${where}.transport: ${transport} is not encrypted; expected tls, or insecure: true for the group`,
    );
  }
  if (!isPrivateAddress(host)) fail(`${where}.host`, `a private or loopback address for ${transport}`, host);
}

function checkTlsServer(server: TlsServerOptions, where: string): void {
  const { authName, pins = [], authentication, transport } = server;
  if (transport !== undefined && transport !== 'tls') fail(`${where}.transport`, 'tls, udp, tcp', transport);
  if (authName !== undefined && !HOST_NAME.test(authName) && isIP(authName) === 0) {
    fail(`${where}.authName`, 'a host name', authName);
  }
  for (const pin of pins) {
    if (!PIN.test(pin)) fail(`${where}.pins`, 'sha256/ and 32 octets in Base64', pin);
  }
  if (authentication === undefined || authentication === 'strict') return;
  if (authentication !== 'opportunistic') {
    fail(`${where}.authentication`, 'strict, opportunistic', authentication);
  }
  if (pins.length > 0) {
    throw new UpstreamOptionError(`${where}.pins: expected none with opportunistic authentication`);
  }
}

function fail(option: string, expected: string, value: unknown): never {
  throw new UpstreamOptionError(`${option}: expected ${expected}, not ${JSON.stringify(value)}`);
}
