/** Resolvers whose operators sit in Switzerland or the European Union. */
import { ADGUARD_LIST, family, page } from './family.ts';
import { ADGUARD, DIGITALE_GESELLSCHAFT, MULLVAD, QUAD9, WHALEBONE } from './operators.ts';
import type { Provider } from './provider.ts';

const QUAD9_VARIANTS = family(
  {
    operator: QUAD9,
    source: page(
      'operator',
      'https://raw.githubusercontent.com/Quad9DNS/dnscrypt-settings/main/dnscrypt/quad9-resolvers.md',
    ),
    dnssec: true,
    clientSubnet: false,
  },
  [
    {
      name: 'quad9',
      authName: 'dns.quad9.net',
      ipv4: ['9.9.9.9', '149.112.112.112'],
      ipv6: ['2620:fe::fe', '2620:fe::9'],
      blocks: ['malware'],
    },
    {
      name: 'quad9-ecs',
      authName: 'dns11.quad9.net',
      ipv4: ['9.9.9.11', '149.112.112.11'],
      ipv6: ['2620:fe::11', '2620:fe::fe:11'],
      blocks: ['malware'],
      clientSubnet: true,
    },
    {
      name: 'quad9-unfiltered',
      authName: 'dns10.quad9.net',
      ipv4: ['9.9.9.10', '149.112.112.10'],
      ipv6: ['2620:fe::10', '2620:fe::fe:10'],
      dnssec: false,
    },
  ],
);

const DNS4EU_VARIANTS = family(
  {
    operator: WHALEBONE,
    source: page('third-party', 'https://badcyber.com/dns4eu-a-bit-eu-a-bit-secure-a-bit-pointless/'),
    dnssec: true,
    clientSubnet: null,
  },
  [
    {
      name: 'dns4eu-protective',
      authName: 'protective.joindns4.eu',
      ipv4: ['86.54.11.1', '86.54.11.201'],
      ipv6: ['2a13:1001::86:54:11:1', '2a13:1001::86:54:11:201'],
      blocks: ['malware'],
    },
    {
      name: 'dns4eu-child',
      authName: 'child.joindns4.eu',
      ipv4: ['86.54.11.12', '86.54.11.212'],
      ipv6: ['2a13:1001::86:54:11:12', '2a13:1001::86:54:11:212'],
      blocks: ['malware', 'adult'],
    },
    {
      name: 'dns4eu-noads',
      authName: 'noads.joindns4.eu',
      ipv4: ['86.54.11.13', '86.54.11.213'],
      ipv6: ['2a13:1001::86:54:11:13', '2a13:1001::86:54:11:213'],
      blocks: ['malware', 'ads'],
    },
    {
      name: 'dns4eu-child-noads',
      authName: 'child-noads.joindns4.eu',
      ipv4: ['86.54.11.11', '86.54.11.211'],
      ipv6: ['2a13:1001::86:54:11:11', '2a13:1001::86:54:11:211'],
      blocks: ['malware', 'ads', 'adult'],
    },
    {
      name: 'dns4eu-unfiltered',
      authName: 'unfiltered.joindns4.eu',
      ipv4: ['86.54.11.100', '86.54.11.200'],
      ipv6: ['2a13:1001::86:54:11:100', '2a13:1001::86:54:11:200'],
    },
  ],
);

const ADGUARD_VARIANTS = family(
  { operator: ADGUARD, source: page('operator', ADGUARD_LIST), dnssec: true, clientSubnet: null },
  [
    {
      name: 'adguard',
      authName: 'dns.adguard-dns.com',
      ipv4: ['94.140.14.14', '94.140.15.15'],
      ipv6: ['2a10:50c0::ad1:ff', '2a10:50c0::ad2:ff'],
      blocks: ['malware', 'ads', 'trackers'],
    },
    {
      name: 'adguard-family',
      authName: 'family.adguard-dns.com',
      ipv4: ['94.140.14.15', '94.140.15.16'],
      ipv6: ['2a10:50c0::bad1:ff', '2a10:50c0::bad2:ff'],
      blocks: ['malware', 'ads', 'trackers', 'adult'],
    },
    {
      name: 'adguard-unfiltered',
      authName: 'unfiltered.adguard-dns.com',
      ipv4: ['94.140.14.140', '94.140.14.141'],
      ipv6: ['2a10:50c0::1:ff', '2a10:50c0::2:ff'],
    },
  ],
);

const DIGITALE_GESELLSCHAFT_VARIANTS = family(
  {
    operator: DIGITALE_GESELLSCHAFT,
    source: page('operator', 'https://github.com/DigitaleGesellschaft/DNS-Resolver'),
    dnssec: true,
    clientSubnet: false,
  },
  [
    {
      name: 'digitale-gesellschaft',
      authName: 'dns.digitale-gesellschaft.ch',
      ipv4: ['185.95.218.42', '185.95.218.43'],
      ipv6: ['2a05:fc84::42', '2a05:fc84::43'],
    },
  ],
);

const MULLVAD_VARIANTS = family(
  {
    operator: MULLVAD,
    source: page('operator', 'https://mullvad.net/en/help/dns-over-https-and-dns-over-tls'),
    dnssec: true,
    clientSubnet: null,
    ended: {
      on: '2026-11-02',
      url: 'https://mullvad.net/en/blog/shutting-down-our-public-encrypted-dns-servers-and-sponsoring-quad9-instead',
    },
  },
  [
    { name: 'mullvad', authName: 'dns.mullvad.net', ipv4: ['194.242.2.2'], ipv6: ['2a07:e340::2'] },
    {
      name: 'mullvad-adblock',
      authName: 'adblock.dns.mullvad.net',
      ipv4: ['194.242.2.3'],
      ipv6: ['2a07:e340::3'],
      blocks: ['ads', 'trackers'],
    },
    {
      name: 'mullvad-base',
      authName: 'base.dns.mullvad.net',
      ipv4: ['194.242.2.4'],
      ipv6: ['2a07:e340::4'],
      blocks: ['malware', 'ads', 'trackers'],
    },
    {
      name: 'mullvad-extended',
      authName: 'extended.dns.mullvad.net',
      ipv4: ['194.242.2.5'],
      ipv6: ['2a07:e340::5'],
      blocks: ['malware', 'ads', 'trackers', 'social-media'],
    },
    {
      name: 'mullvad-family',
      authName: 'family.dns.mullvad.net',
      ipv4: ['194.242.2.6'],
      ipv6: ['2a07:e340::6'],
      blocks: ['malware', 'ads', 'trackers', 'adult', 'gambling'],
    },
    {
      name: 'mullvad-all',
      authName: 'all.dns.mullvad.net',
      ipv4: ['194.242.2.9'],
      ipv6: ['2a07:e340::9'],
      blocks: ['malware', 'ads', 'trackers', 'adult', 'gambling', 'social-media'],
    },
  ],
);

export const EUROPEAN_PROVIDERS: readonly Provider[] = [
  ...QUAD9_VARIANTS,
  ...DNS4EU_VARIANTS,
  ...ADGUARD_VARIANTS,
  ...DIGITALE_GESELLSCHAFT_VARIANTS,
  ...MULLVAD_VARIANTS,
];
