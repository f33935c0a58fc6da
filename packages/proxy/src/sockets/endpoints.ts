import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import type { Transport } from '@tridot/listener';
import { shown } from '../logging/one-line.ts';

/** Where to listen, as it was written: an address that may be a wildcard, and a port that may be left out. */
export interface Endpoint {
  readonly transports: readonly Transport[];
  /** An IPv4 address, an IPv6 address in its canonical form (with `%zone` when it has one), or `*`. */
  readonly address: string;
  /** `undefined`: the strategy's own port. 0: the system chooses, one port for all sockets of this endpoint. */
  readonly port: number | undefined;
}

/** What an address may be, for error messages and `--help`. */
export const ENDPOINT_FORMS =
  '127.0.0.1:5301, [::1]:5301 or *:5301 (the port may be left out), with udp:// or tcp:// before it for one transport alone';

const BOTH: readonly Transport[] = ['udp', 'tcp'];
const SHAPE =
  /^(?:(?<scheme>[a-z][a-z0-9+.-]*):\/\/)?(?:\[(?<bracketed>[^[\]]*)\]|(?<plain>[^[\]:]*))(?::(?<port>[^:]*))?$/i;

/**
 * Reads `127.0.0.1:5301`, `udp://…`, `tcp://…`, `[::1]:5301`, `*:53`, each with or without its port.
 *
 * @throws {RangeError} with a message that says what was wrong and what it may be.
 */
export function parseEndpoint(text: string): Endpoint {
  const groups = SHAPE.exec(text)?.groups;
  if (groups === undefined) {
    if (isIPv6(text)) throw new RangeError(`${shown(text)} is IPv6 and needs brackets, as in [::1]:5301`);
    throw notAnEndpoint(text);
  }
  return {
    transports: transportsOf(groups.scheme, text),
    address: addressOf(groups.bracketed, groups.plain ?? '', text),
    port: groups.port === undefined ? undefined : portOf(groups.port, text),
  };
}

/** The inverse of {@link parseEndpoint}. */
export function formatEndpoint(endpoint: Endpoint): string {
  const scheme = endpoint.transports.length === 1 ? `${endpoint.transports[0]}://` : '';
  const port = endpoint.port === undefined ? '' : `:${endpoint.port}`;
  return `${scheme}${bracketed(endpoint.address)}${port}`;
}

/** `192.0.2.1:53`, `[2001:db8::1]:53`. */
export function formatAddress(address: string, port: number): string {
  return `${bracketed(address)}:${port}`;
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function transportsOf(scheme: string | undefined, text: string): readonly Transport[] {
  switch (scheme?.toLowerCase()) {
    case undefined:
      return BOTH;
    case 'udp':
      return ['udp'];
    case 'tcp':
      return ['tcp'];
    default:
      throw new RangeError(`${shown(text)} begins with ${scheme}://; it may begin with udp:// or tcp://`);
  }
}

function addressOf(inBrackets: string | undefined, plain: string, text: string): string {
  if (inBrackets === undefined) {
    if (plain === '*' || isIPv4(plain)) return plain;
    if (plain.toLowerCase() === 'localhost') {
      throw new RangeError(`${shown(text)} is a name; an address to listen on is 127.0.0.1 or [::1]`);
    }
    throw notAnEndpoint(text);
  }
  if (!isIPv6(inBrackets)) throw new RangeError(`${shown(text)} has no IPv6 address between its brackets`);
  return canonicalIpv6(inBrackets, text);
}

function canonicalIpv6(address: string, text: string): string {
  const [bare = '', zone] = address.split('%', 2);
  const canonical = new SocketAddress({ family: 'ipv6', address: bare }).address;
  if (canonical.startsWith('::ffff:') && canonical.includes('.')) {
    throw new RangeError(
      `${shown(text)} is an IPv4 address written as IPv6; write it as ${canonical.slice(7)}`,
    );
  }
  if (isLinkLocal(canonical) && zone === undefined) {
    throw new RangeError(
      `${shown(text)} is link-local and needs its interface, as in [${canonical}%eth0]:5301`,
    );
  }
  return zone === undefined ? canonical : `${canonical}%${zone}`;
}

/** fe80::/10, which means nothing without an interface (RFC 4007 §11). */
export function isLinkLocal(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(address);
}

function portOf(digits: string, text: string): number {
  const port = Number(digits);
  if (!/^\d{1,5}$/.test(digits) || port > 65_535) {
    throw new RangeError(`${shown(text)} has a bad port; it may be 0 (the system chooses) to 65535`);
  }
  return port;
}

function notAnEndpoint(text: string): RangeError {
  return new RangeError(`${shown(text)} is not an address to listen on; it may be ${ENDPOINT_FORMS}`);
}
