import { type GroupOptions, type SelectionName, type ServerOptions, UPSTREAM_LIMITS } from '@tridot/upstream';
import { isPlain } from '../upstreams/plain-address.ts';
import type { Line } from './explain.ts';

const SELECTION_TEXTS: Readonly<Record<SelectionName, string>> = {
  failover: 'the first healthy one in this order',
  'round-robin': 'each healthy one in turn',
  fastest: 'the one with the lowest average latency; which one is only known while running',
  race: 'the first healthy ones at once; the first NOERROR or NXDOMAIN wins',
};

/** How an upstream of a group is chosen, and each of them in order. */
export function groupLines({ servers, selection = 'failover', servfail, ecs, warm }: GroupOptions): Line[] {
  return [
    ['selection', `${selection}: ${SELECTION_TEXTS[selection]}`],
    ...servers.map((server, index): Line => [`upstream ${index + 1}`, serverText(server)]),
    [
      'settings',
      [
        servfail === 'failure' ? 'SERVFAIL is asked of another upstream' : 'SERVFAIL is an answer',
        ecs === 'strip' ? 'client subnets are taken out' : 'client subnets are passed on',
        warm === true ? 'a connection is kept open' : 'connections are opened when needed',
      ].join(', '),
    ],
  ];
}

/** The numbers that decide how long a query may take and how often it is sent, and those that are not the defaults. */
export function limitLines({ limits = {} }: GroupOptions): Line[] {
  const shownAlways = new Set([
    'queryTimeoutMs',
    'connectTimeoutMs',
    'handshakeTimeoutMs',
    'maxSends',
    'hedgePercent',
  ]);
  const texts = Object.entries(UPSTREAM_LIMITS).flatMap(([name, { default: usual }]) => {
    const value = Object.entries(limits).find(([key]) => key === name)?.[1] ?? usual;
    return shownAlways.has(name) || value !== usual ? [`${name} ${value}`] : [];
  });
  return [['limits', texts.join(', ')]];
}

function serverText(server: ServerOptions): string {
  const { host, port, label } = server;
  const name = label ?? host;
  if (isPlain(server)) return `${name}, not encrypted`;
  const { authName, pins = [], authentication, sni, tls13Only, clientCertificate, ca } = server;
  if (label === 'embedded') return 'embedded: inside the process';
  const proof =
    pins.length === 0 || authName !== undefined
      ? `chain to ${ca === undefined ? 'the trust anchors of all' : 'trust anchors of its own'} and name ${authName ?? host}`
      : 'key alone';
  return [
    `${name} port ${port}`,
    authentication === 'opportunistic' ? 'opportunistic: whoever answers is used' : `must prove: ${proof}`,
    ...(pins.length === 0 ? [] : [`${pins.length} pinned ${pins.length === 1 ? 'key' : 'keys'}`]),
    ...(sni === false ? ['no SNI'] : []),
    ...(tls13Only === true ? ['TLS 1.3 only'] : []),
    ...(clientCertificate === undefined ? [] : [`we show ${clientCertificate.certFile}`]),
  ].join(', ');
}
