import { isIP, isIPv6 } from 'node:net';
import { isPrivateAddress, type PlainServerOptions, type ServerOptions } from '@tridot/upstream';
import { shown } from '../logging/one-line.ts';
import { type EMBEDDED, parseUpstream, type UpstreamAddress } from './upstream-addresses.ts';

const SHAPE =
  /^(?<transport>udp|tcp):\/\/(?:\[(?<bracketed>[^[\]]*)\]|(?<plain>[^[\]:/#?@]*))(?::(?<port>.*))?$/i;

/** RFC 1035 §4.2. */
const DNS_PORT = 53;

/** Whether the text begins like the address of a server without encryption. */
export function looksPlain(text: string): boolean {
  return /^(?:udp|tcp):/i.test(text);
}

export function isPlain(server: ServerOptions): server is PlainServerOptions {
  return server.transport === 'udp' || server.transport === 'tcp';
}

/**
 * Reads what may stand in a group: `udp://ADDRESS[:PORT]`, `tcp://ADDRESS[:PORT]`, or what {@link parseUpstream} reads.
 *
 * @throws {RangeError} with a message that says what was wrong and what it may be.
 */
export function parsePlainOrTlsUpstream(
  text: string,
): readonly (UpstreamAddress | PlainServerOptions)[] | typeof EMBEDDED {
  return looksPlain(text) ? [parsePlainUpstream(text)] : parseUpstream(text);
}

function parsePlainUpstream(text: string): PlainServerOptions {
  const groups = SHAPE.exec(text)?.groups;
  const host = groups?.bracketed ?? groups?.plain ?? '';
  if (groups === undefined || isIP(host) === 0 || isIPv6(host) !== (groups.bracketed !== undefined)) {
    throw new RangeError(
      `${shown(text)} is not a plain DNS server; it may be udp://10.0.0.53, tcp://10.0.0.53:53 or udp://[fd00::53]`,
    );
  }
  if (!isPrivateAddress(host)) {
    throw new RangeError(
      `${shown(text)} is not encrypted, and its address is not private; only tls:// may leave the site`,
    );
  }
  const port = groups.port === undefined ? DNS_PORT : /^\d{1,5}$/.test(groups.port) ? Number(groups.port) : 0;
  if (port < 1 || port > 65_535) throw new RangeError(`${shown(text)} has a bad port; it may be 1 to 65535`);
  const transport = groups.transport?.toLowerCase() === 'tcp' ? 'tcp' : 'udp';
  const address = isIPv6(host) ? `[${host}]` : host;
  return { transport, host, port, label: `${transport}://${address}${port === DNS_PORT ? '' : `:${port}`}` };
}
