/** Who runs the resolvers of the table. */
import type { Operator, PrivacyPolicy } from './provider.ts';

/** The day on which the stored pages were read. */
export const READ_ON = '2026-11-23';

function linkOnly(url: string): PrivacyPolicy {
  return { url, checkedOn: READ_ON, check: 'link-only' };
}

export const CLOUDFLARE: Operator = {
  name: 'Cloudflare, Inc.',
  country: 'US',
  law: 'United States',
  privacyPolicy: linkOnly('https://developers.cloudflare.com/1.1.1.1/privacy/public-dns-resolver/'),
};

export const QUAD9: Operator = {
  name: 'Quad9 Foundation',
  country: 'CH',
  law: 'Switzerland',
  privacyPolicy: { url: 'https://quad9.net/privacy/policy/', checkedOn: READ_ON, check: 'read-in-part' },
};

export const GOOGLE: Operator = {
  name: 'Google LLC',
  country: 'US',
  law: 'United States',
  privacyPolicy: linkOnly('https://developers.google.com/speed/public-dns/privacy'),
};

export const WHALEBONE: Operator = {
  name: 'Whalebone, s.r.o. (DNS4EU consortium)',
  country: 'CZ',
  law: 'Czech Republic, European Union',
  privacyPolicy: linkOnly('https://www.joindns4.eu/for-public'),
};

export const ADGUARD: Operator = {
  name: 'AdGuard Software Limited',
  country: 'CY',
  law: 'Cyprus, European Union',
  privacyPolicy: linkOnly('https://adguard-dns.io/en/privacy.html'),
};

export const MULLVAD: Operator = {
  name: 'Mullvad VPN AB',
  country: 'SE',
  law: 'Sweden, European Union',
  privacyPolicy: linkOnly('https://mullvad.net/en/help/privacy-policy'),
};

export const DIGITALE_GESELLSCHAFT: Operator = {
  name: 'Digitale Gesellschaft (association)',
  country: 'CH',
  law: 'Switzerland',
  privacyPolicy: linkOnly('https://www.digitale-gesellschaft.ch/dns/'),
};

export const CONTROL_D: Operator = {
  name: 'Control D Inc.',
  country: 'CA',
  law: 'Canada',
  privacyPolicy: linkOnly('https://controld.com/privacy'),
};

export const CLEANBROWSING: Operator = {
  name: 'CleanBrowsing',
  country: 'US',
  law: 'United States',
  privacyPolicy: linkOnly('https://cleanbrowsing.org/privacy'),
};

export const CISCO: Operator = {
  name: 'Cisco Systems, Inc. (OpenDNS)',
  country: 'US',
  law: 'United States',
  privacyPolicy: linkOnly('https://www.cisco.com/c/en/us/about/legal/privacy-full.html'),
};
