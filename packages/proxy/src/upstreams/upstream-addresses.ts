import { isIPv4, isIPv6 } from 'node:net';
import { addressesOf, DOT_PORT, findProvider, PROVIDERS } from '@tridot/providers';
import { shown } from '../logging/one-line.ts';
import { didYouMean } from '../settings/suggestion.ts';

/** One server to forward to. */
export interface UpstreamAddress {
  /** An IPv4 or IPv6 address, or a host name. */
  readonly host: string;
  readonly port: number;
  /** The name its certificate must have; without one, the certificate must have the address itself (RFC 8310 §8.1). */
  readonly authName?: string;
  /** What logs call it. */
  readonly label: string;
}

/** The value that asks for an upstream inside the process. */
export const EMBEDDED = 'embedded';

/** What an upstream may be, for error messages and `--help`. */
export const UPSTREAM_FORMS = `tls://1.1.1.1:853#cloudflare-dns.com, tls://dns.example.com, a provider such as cloudflare or quad9 (docs/OPTIONS.md lists them), or ${EMBEDDED}`;

const SHAPE =
  /^tls:\/\/(?:\[(?<bracketed>[^[\]]*)\]|(?<plain>[^[\]:/#?@]*))(?::(?<port>[^#]*))?(?:#(?<authName>.*))?$/i;
const HOST_NAME =
  /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/**
 * Reads `tls://ADDRESS[:PORT][#AUTHENTICATION-NAME]`, `tls://HOST-NAME[:PORT]`, a provider's name, or `embedded`.
 *
 * @returns the servers in order; `embedded` itself for the upstream inside the process.
 * @throws {RangeError} with a message that says what was wrong and what it may be.
 */
export function parseUpstream(text: string): readonly UpstreamAddress[] | typeof EMBEDDED {
  if (text === EMBEDDED) return EMBEDDED;
  const provider = findProvider(text);
  if (provider !== undefined) {
    const { authName, ended } = provider;
    if (ended !== null) {
      throw new RangeError(
        `${shown(text)} was switched off on ${ended.on} (${ended.url}); choose another provider`,
      );
    }
    return addressesOf(provider).map((host) => ({
      host,
      port: DOT_PORT,
      authName,
      label: `${text} (${host})`,
    }));
  }
  return [parseTlsAddress(text)];
}

function parseTlsAddress(text: string): UpstreamAddress {
  const groups = SHAPE.exec(text)?.groups;
  if (groups === undefined) throw notAnUpstream(text);
  const host = hostOf(groups.bracketed, groups.plain ?? '', text);
  const authName = authNameOf(groups.authName, text) ?? (isAddress(host) ? undefined : host);
  const port = portOf(groups.port, text);
  return {
    host,
    port,
    label: labelOf(host, port, authName),
    ...(authName === undefined ? {} : { authName }),
  };
}

function hostOf(inBrackets: string | undefined, plain: string, text: string): string {
  if (inBrackets !== undefined) {
    if (!isIPv6(inBrackets)) throw new RangeError(`${shown(text)} has no IPv6 address between its brackets`);
    return inBrackets;
  }
  const host = withoutFinalDot(plain);
  if (host === '') throw new RangeError(`${shown(text)} names no server; it may be ${UPSTREAM_FORMS}`);
  // All digits and dots but no IPv4 address: a slip of the pen, not a host name.
  if (isIPv4(host) || (HOST_NAME.test(host) && !/^[\d.]+$/.test(host))) return host;
  throw new RangeError(
    `${shown(text)} names no server: ${shown(plain)} is neither an address nor a host name`,
  );
}

function authNameOf(given: string | undefined, text: string): string | undefined {
  if (given === undefined) return undefined;
  const name = withoutFinalDot(given);
  if (HOST_NAME.test(name) && !isAddress(name)) return name;
  throw new RangeError(
    `${shown(text)} has a bad authentication name; after # stands the host name of the server's certificate`,
  );
}

function portOf(given: string | undefined, text: string): number {
  if (given === undefined) return DOT_PORT;
  const port = /^\d{1,5}$/.test(given) ? Number(given) : 0;
  if (port < 1 || port > 65_535) throw new RangeError(`${shown(text)} has a bad port; it may be 1 to 65535`);
  return port;
}

function labelOf(host: string, port: number, authName: string | undefined): string {
  const address = `${isIPv6(host) ? `[${host}]` : host}${port === DOT_PORT ? '' : `:${port}`}`;
  return authName === undefined || authName === host ? address : `${authName} (${address})`;
}

function notAnUpstream(text: string): RangeError {
  if (isIPv4(text) || isIPv6(text)) {
    const host = isIPv6(text) ? `[${text}]` : text;
    return new RangeError(
      `${shown(text)} has no scheme and no authentication name; write tls://${host}#NAME with the host name of its certificate`,
    );
  }
  if (/^(?:udp|tcp):/i.test(text)) {
    return new RangeError(
      `${shown(text)} is not encrypted; plain DNS is for groups with insecure: true that a route leads to`,
    );
  }
  const known = PROVIDERS.filter(({ ended }) => ended === null).map(({ name }) => name);
  const guess = didYouMean(text, [...known, EMBEDDED]);
  return new RangeError(`${shown(text)} is not an upstream; it may be ${UPSTREAM_FORMS}${guess}`);
}

function withoutFinalDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

function isAddress(host: string): boolean {
  return isIPv4(host) || isIPv6(host);
}
