import { RANGE_FORMS } from '../addresses/address-range.ts';
import { ADMIN_FORMS } from '../admin/admin-address.ts';
import { DENIED_ACTIONS, RATE_LIMITED_ACTIONS } from '../admission/admission.ts';
import { CLIENT_DETAILS } from '../logging/shown-client.ts';
import { ENDPOINT_FORMS } from '../sockets/endpoints.ts';
import { UPSTREAM_FORMS } from '../upstreams/upstream-addresses.ts';
import { names, type Option } from './option.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export const LOG_FORMATS = ['pretty', 'json'] as const;

/** The settings that are no numbers, as far as they concern the program itself. */
export const GENERAL_OPTIONS: readonly Option[] = [
  {
    ...names('listen', 'listen'),
    kind: 'list',
    placeholder: 'ADDR',
    description:
      'Address to serve, repeatable: UDP and TCP, or one of them with udp:// or tcp://. 0.0.0.0, [::] and * stand for every local address of IPv4, IPv6 and both.',
    defaultText: '127.0.0.1 and the port of the strategy (raw 5301, framework 5302, library 5303)',
    allowed: ENDPOINT_FORMS,
    inHelp: true,
    needsRestart: true,
  },
  {
    ...names('upstream', 'upstream'),
    kind: 'list',
    placeholder: 'U',
    description:
      'Server to forward to over TLS, repeatable, tried in order: tls://ADDRESS[:PORT]#NAME, where NAME is the host name of its certificate; tls://HOST-NAME; a provider; or embedded, an upstream inside the process with an example zone.',
    defaultText: 'cloudflare',
    allowed: UPSTREAM_FORMS,
    inHelp: true,
  },
  {
    ...names('ca', 'ca'),
    kind: 'file',
    placeholder: 'FILE',
    description: 'PEM trust anchors for the upstreams, in place of those of the system.',
    defaultText: 'those of the system',
    allowed: 'the path of a file with PEM certificates',
    inHelp: true,
  },
  {
    ...names('access.allow', 'allow'),
    kind: 'list',
    placeholder: 'RANGE',
    description:
      'Addresses of clients that may ask, repeatable. Has to be given when other machines can reach an address of --listen.',
    defaultText: '127.0.0.0/8 and ::1, when every address of --listen is one of these',
    allowed: RANGE_FORMS,
    inHelp: true,
  },
  {
    ...names('access.denied', 'denied'),
    kind: 'choice',
    choices: DENIED_ACTIONS,
    placeholder: 'ACTION',
    description: 'What other clients get: REFUSED, or nothing (over TCP the end of the connection).',
    defaultText: 'refuse',
    allowed: DENIED_ACTIONS.join(', '),
    inHelp: false,
  },
  {
    ...names('access.rateLimited', 'rate-limited'),
    kind: 'choice',
    choices: RATE_LIMITED_ACTIONS,
    placeholder: 'ACTION',
    description:
      'What a client over its rate gets over UDP: an empty reply that sends it to TCP, or nothing. The rate is set by --rate-limit-queries-per-second.',
    defaultText: 'truncate',
    allowed: RATE_LIMITED_ACTIONS.join(', '),
    inHelp: false,
  },
  {
    ...names('admin', 'admin'),
    kind: 'text',
    placeholder: 'ADDR',
    description: 'Address of an HTTP endpoint with /metrics (Prometheus), /healthz, /readyz and /config.',
    defaultText: 'none: no endpoint',
    allowed: ADMIN_FORMS,
    inHelp: true,
    needsRestart: true,
  },
  {
    ...names('edeTimings', 'ede-timings'),
    kind: 'switch',
    placeholder: '',
    description:
      'Tell clients that sent an OPT which upstream was asked and where the time went, as the text of an extended error (RFC 8914) that says Other Error. It is left out where a reply over UDP has no room for it.',
    defaultText: 'false',
    allowed: 'true, false',
    inHelp: true,
  },
  {
    ...names('watchConfig', 'watch-config'),
    kind: 'switch',
    placeholder: '',
    description:
      'Reload the settings when the file of --config or of --ca has changed, as SIGHUP does at any time.',
    defaultText: 'false',
    allowed: 'true, false',
    inHelp: true,
    needsRestart: true,
  },
  {
    ...names('log.level', 'log-level'),
    kind: 'choice',
    choices: LOG_LEVELS,
    placeholder: 'LEVEL',
    description: 'The least severe log lines that are written.',
    defaultText: 'info',
    allowed: LOG_LEVELS.join(', '),
    inHelp: true,
  },
  {
    ...names('log.format', 'log-format'),
    kind: 'choice',
    choices: LOG_FORMATS,
    placeholder: 'FORMAT',
    description: 'How log lines are written to standard output: for people, or one JSON object a line.',
    defaultText: 'pretty on a terminal, else json',
    allowed: LOG_FORMATS.join(', '),
    inHelp: true,
  },
  {
    ...names('log.queries', 'log-queries'),
    kind: 'switch',
    placeholder: '',
    description: 'Log each query with its name, at level info. Without it no name is ever logged.',
    defaultText: 'false',
    allowed: 'true, false',
    inHelp: true,
  },
  {
    ...names('log.clients', 'log-clients'),
    kind: 'choice',
    choices: CLIENT_DETAILS,
    placeholder: 'DETAIL',
    description:
      'How much of the address of a client is logged: all, its first 24 bits (IPv4) or 48 bits (IPv6), or none.',
    defaultText: 'prefix',
    allowed: CLIENT_DETAILS.join(', '),
    inHelp: true,
  },
];
