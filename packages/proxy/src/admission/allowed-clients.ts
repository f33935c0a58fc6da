import { parseRange } from '../addresses/address-range.ts';
import { createAddressSet } from '../addresses/address-set.ts';
import { SettingError } from '../failures.ts';
import { type Endpoint, parseEndpoint } from '../sockets/endpoints.ts';

const LOOPBACK: readonly string[] = ['127.0.0.0/8', '::1/128'];
const IS_LOOPBACK = createAddressSet(LOOPBACK.map(parseRange));

/**
 * The ranges that may ask: those of the settings; without any, this machine alone, as long as nobody else can reach us. A
 * resolver that is open to everybody is a weapon (RFC 5358 §4), so it has to be asked for.
 *
 * @throws {SettingError} ERR_SETTING: none are given, and an address to listen on is not a loopback address.
 */
export function allowedRanges(
  allow: readonly string[] | undefined,
  listen: readonly string[],
): readonly string[] {
  if (allow !== undefined) return allow;
  const open = listen.find((text) => !isLoopback(parseEndpoint(text)));
  if (open === undefined) return LOOPBACK;
  throw new SettingError(
    `--allow: is needed, since other machines can reach ${open}; say who may ask, as in --allow 192.0.2.0/24 (everybody: --allow 0.0.0.0/0 --allow ::/0)`,
  );
}

function isLoopback({ address }: Endpoint): boolean {
  return IS_LOOPBACK.has(address);
}
