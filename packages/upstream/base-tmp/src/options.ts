import { isIP } from 'node:net';
import { UpstreamOptionError } from './errors.ts';
import { UPSTREAM_LIMITS, type UpstreamLimits, withDefaults } from './limits.ts';

/** One upstream: a DNS-over-TLS server that must prove who it is. */
export interface ServerOptions {
  /** An IP address, or a name that the system's resolver finds when the server is dialled. */
  readonly host: string;
  readonly port: number;
  /**
   * The name that its certificate must carry, sent as SNI too. Default: `host`. When that is an IP address, the certificate
   * must carry the address.
   */
  readonly authName?: string;
  /** Trust anchors for this server alone, in PEM. Default: those of the group. */
  readonly ca?: string;
  /** Its name in logs and errors. Default: `tls://host:port#authName`. */
  readonly label?: string;
}

export interface UpstreamsOptions {
  /** In order of preference; at least one. */
  readonly servers: readonly ServerOptions[];
  /** Trust anchors in PEM. Default: the system's. */
  readonly ca?: string;
  /** What is left out has the default of {@link UPSTREAM_LIMITS}. */
  readonly limits?: Partial<UpstreamLimits>;
}

/** Letters, digits, hyphens and underscores in labels of 1 to 63; punycode for anything else. A final dot is allowed. */
const HOST_NAME = /^(?=.{1,254}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\.?$/i;

/**
 * @returns every limit, defaults included.
 * @throws {UpstreamOptionError} ERR_UPSTREAM_OPTION, naming the option, its value and what it may be.
 */
export function checkOptions({ servers, limits = {} }: UpstreamsOptions): UpstreamLimits {
  if (servers.length === 0) throw new UpstreamOptionError('servers: expected at least one');
  for (const [index, server] of servers.entries()) checkServer(server, `servers[${index}]`);
  const all = withDefaults(limits);
  for (const [name, { min, max }] of Object.entries(UPSTREAM_LIMITS)) {
    const value = limits[name as keyof UpstreamLimits];
    if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) continue;
    throw new UpstreamOptionError(`limits.${name}: expected an integer from ${min} to ${max}, not ${value}`);
  }
  return all;
}

function checkServer({ host, port, authName }: ServerOptions, where: string): void {
  if (isIP(host) === 0 && !HOST_NAME.test(host)) {
    throw new UpstreamOptionError(
      `${where}.host: expected an IP address or a host name, not ${JSON.stringify(host)}`,
    );
  }
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new UpstreamOptionError(`${where}.port: expected a port from 1 to 65535, not ${port}`);
  }
  if (authName !== undefined && !HOST_NAME.test(authName) && isIP(authName) === 0) {
    throw new UpstreamOptionError(`${where}.authName: expected a host name, not ${JSON.stringify(authName)}`);
  }
}
