/** Resolvers whose operators sit in the United States or Canada. */
import { ADGUARD_LIST, family, page } from './family.ts';
import { CISCO, CLEANBROWSING, CLOUDFLARE, CONTROL_D, GOOGLE } from './operators.ts';
import type { Provider } from './provider.ts';

const CLOUDFLARE_VARIANTS = family(
  {
    operator: CLOUDFLARE,
    source: page('operator', 'https://developers.cloudflare.com/1.1.1.1/ip-addresses/'),
    dnssec: true,
    clientSubnet: false,
  },
  [
    {
      name: 'cloudflare',
      authName: 'cloudflare-dns.com',
      ipv4: ['1.1.1.1', '1.0.0.1'],
      ipv6: ['2606:4700:4700::1111', '2606:4700:4700::1001'],
    },
    {
      name: 'cloudflare-security',
      authName: 'security.cloudflare-dns.com',
      ipv4: ['1.1.1.2', '1.0.0.2'],
      ipv6: ['2606:4700:4700::1112', '2606:4700:4700::1002'],
      blocks: ['malware'],
    },
    {
      name: 'cloudflare-family',
      authName: 'family.cloudflare-dns.com',
      ipv4: ['1.1.1.3', '1.0.0.3'],
      ipv6: ['2606:4700:4700::1113', '2606:4700:4700::1003'],
      blocks: ['malware', 'adult'],
    },
  ],
);

const GOOGLE_VARIANTS = family(
  {
    operator: GOOGLE,
    source: page('operator', 'https://developers.google.com/speed/public-dns/docs/secure-transports'),
    dnssec: true,
    clientSubnet: true,
  },
  [
    {
      name: 'google',
      authName: 'dns.google',
      ipv4: ['8.8.8.8', '8.8.4.4'],
      ipv6: ['2001:4860:4860::8888', '2001:4860:4860::8844'],
    },
  ],
);

/** All variants share these: the name sent as SNI picks the filter. Those for port 53 differ and refuse TLS. */
const CONTROL_D_IPV4 = ['76.76.2.11', '76.76.10.11'];
const CONTROL_D_IPV6 = ['2606:1a40::11', '2606:1a40:1::11'];

const CONTROL_D_VARIANTS = family(
  {
    operator: CONTROL_D,
    source: page('operator', 'https://docs.controld.com/docs/control-d-ip-ranges'),
    dnssec: true,
    clientSubnet: null,
  },
  (
    [
      { name: 'controld', authName: 'p0.freedns.controld.com' },
      { name: 'controld-malware', authName: 'p1.freedns.controld.com', blocks: ['malware'] },
      {
        name: 'controld-ads',
        authName: 'p2.freedns.controld.com',
        blocks: ['malware', 'ads', 'trackers'],
      },
      {
        name: 'controld-social',
        authName: 'p3.freedns.controld.com',
        blocks: ['malware', 'ads', 'trackers', 'social-media'],
      },
    ] as const
  ).map((variant) => ({ ...variant, ipv4: CONTROL_D_IPV4, ipv6: CONTROL_D_IPV6 })),
);

const CLEANBROWSING_VARIANTS = family(
  { operator: CLEANBROWSING, source: page('third-party', ADGUARD_LIST), dnssec: true, clientSubnet: null },
  [
    {
      name: 'cleanbrowsing-security',
      authName: 'security-filter-dns.cleanbrowsing.org',
      ipv4: ['185.228.168.9', '185.228.169.9'],
      ipv6: ['2a0d:2a00:1::2', '2a0d:2a00:2::2'],
      blocks: ['malware'],
    },
    {
      name: 'cleanbrowsing-adult',
      authName: 'adult-filter-dns.cleanbrowsing.org',
      ipv4: ['185.228.168.10', '185.228.169.11'],
      ipv6: ['2a0d:2a00:1::1', '2a0d:2a00:2::1'],
      blocks: ['malware', 'adult'],
    },
    {
      name: 'cleanbrowsing-family',
      authName: 'family-filter-dns.cleanbrowsing.org',
      ipv4: ['185.228.168.168', '185.228.169.168'],
      ipv6: ['2a0d:2a00:1::', '2a0d:2a00:2::'],
      blocks: ['malware', 'adult'],
    },
  ],
);

const OPENDNS_VARIANTS = family(
  { operator: CISCO, source: page('third-party', ADGUARD_LIST), dnssec: true, clientSubnet: true },
  [
    {
      name: 'opendns',
      authName: 'dns.opendns.com',
      ipv4: ['208.67.222.222', '208.67.220.220'],
      ipv6: ['2620:119:35::35', '2620:119:53::53'],
      blocks: ['malware'],
    },
    {
      name: 'opendns-familyshield',
      authName: 'familyshield.opendns.com',
      ipv4: ['208.67.222.123', '208.67.220.123'],
      ipv6: [],
      blocks: ['malware', 'adult'],
    },
    {
      name: 'opendns-sandbox',
      authName: 'sandbox.opendns.com',
      ipv4: ['208.67.222.2', '208.67.220.2'],
      ipv6: ['2620:0:ccc::2', '2620:0:ccd::2'],
      dnssec: null,
      clientSubnet: null,
    },
  ],
);

export const NORTH_AMERICAN_PROVIDERS: readonly Provider[] = [
  ...CLOUDFLARE_VARIANTS,
  ...GOOGLE_VARIANTS,
  ...CONTROL_D_VARIANTS,
  ...CLEANBROWSING_VARIANTS,
  ...OPENDNS_VARIANTS,
];
