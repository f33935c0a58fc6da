import { parseRange } from '../addresses/address-range.ts';
import { createAddressSet } from '../addresses/address-set.ts';
import type { Settings } from '../settings/settings-schema.ts';
import type { AdmissionOptions } from './admission.ts';
import { allowedRanges } from './allowed-clients.ts';
import { createRateLimiter } from './rate-limiter.ts';

/**
 * What the settings say about who may ask, and how often.
 *
 * @throws {SettingError} ERR_SETTING: it is not said who may, and has to be.
 */
export function admissionOptions(
  { access, listen, limits }: Settings,
  onDenied: AdmissionOptions['onDenied'],
): AdmissionOptions {
  return {
    allowed: createAddressSet(allowedRanges(access.allow, listen).map(parseRange)),
    denied: access.denied,
    rateLimiter: createRateLimiter(limits.rateLimit),
    rateLimited: access.rateLimited,
    udpPayloadBytes: limits.forwarder.udpPayloadBytes,
    onDenied,
  };
}
