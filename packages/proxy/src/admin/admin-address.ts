import { shown } from '../logging/one-line.ts';
import { parseEndpoint } from '../sockets/endpoints.ts';

export interface AdminAddress {
  /** An address, or `*` for every one of IPv4 and IPv6. */
  readonly host: string;
  readonly port: number;
}

/** What the address of the admin endpoint may be, for error messages and `--help`. */
export const ADMIN_FORMS = '9353 (a port of 127.0.0.1), 127.0.0.1:9353, [::1]:9353 or *:9353';

/**
 * Reads the address of the admin endpoint. A port alone is one of 127.0.0.1.
 *
 * @throws {RangeError} with a message that says what was wrong and what it may be.
 */
export function parseAdminAddress(text: string): AdminAddress {
  const { transports, address, port } = parseEndpoint(
    /^:?\d+$/.test(text) ? `127.0.0.1:${text.replace(':', '')}` : text,
  );
  if (transports.length === 1)
    throw new RangeError(`${shown(text)}: HTTP needs no udp:// or tcp://; it may be ${ADMIN_FORMS}`);
  if (port === undefined) throw new RangeError(`${shown(text)} has no port; it may be ${ADMIN_FORMS}`);
  return { host: address, port };
}
