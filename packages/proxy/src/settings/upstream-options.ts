import { ADDRESS_POLICIES, AGREEMENT_MODES, RRSET_POLICIES } from '@tridot/agreement';
import { SELECTIONS } from '@tridot/upstream';
import { names, type Option } from './option.ts';

export const SERVFAIL_MEANINGS = ['answer', 'failure'] as const;
export const ECS_HANDLINGS = ['forward', 'strip'] as const;
export const AGREEMENT_SETTINGS = ['off', ...AGREEMENT_MODES] as const;

/** What a pin may be, for error messages and `--help`. */
export const PIN_FORMS = 'sha256/ and the Base64 of 32 octets';

/** The settings of how upstreams are chosen, reached and believed, as far as they are no numbers. */
export const UPSTREAM_OPTIONS: readonly Option[] = [
  choice(
    'selection',
    'selection',
    SELECTIONS,
    'failover',
    'Which upstream a query goes to: the first healthy one in order; each in turn; the one with the lowest latency; or several at once, of which the first good answer wins. limits.upstream has hedgePercent, explorePercent and raceWidth.',
    true,
  ),
  choice(
    'servfail',
    'servfail',
    SERVFAIL_MEANINGS,
    'answer',
    'What SERVFAIL of an upstream is: an answer for the client, or a failure, so that another upstream is asked.',
  ),
  choice(
    'ecs',
    'ecs',
    ECS_HANDLINGS,
    'forward',
    'What becomes of the client subnet (RFC 7871) that a client sends. It is never added.',
  ),
  flag(
    'warm',
    'warm',
    'false',
    'Keep a connection open also when there are no queries: to the first upstream, or to each where selection is not failover.',
  ),
  {
    ...names('tls.pins', 'pin'),
    kind: 'list',
    placeholder: 'PIN',
    description:
      'Public key that an upstream may have, repeatable: sha256/ and the Base64 of the SHA-256 of its SubjectPublicKeyInfo (RFC 7858 §4.2). With an authentication name the chain must be good too.',
    defaultText: 'none',
    allowed: PIN_FORMS,
    inHelp: false,
  },
  file(
    'tls.clientCert',
    'client-cert',
    'our own certificate, for upstreams that ask for one',
    'a certificate',
  ),
  file('tls.clientKey', 'client-key', 'the private key of --client-cert', 'a private key'),
  flag('tls.sni', 'sni', 'true', 'Send the authentication name in clear as SNI.'),
  flag('tls.tls13Only', 'tls13-only', 'false', 'Do not accept TLS 1.2.'),
  flag(
    'tls.opportunistic',
    'opportunistic',
    'false',
    'Use upstreams that do not prove who they are too, with a warning for each connection (RFC 8310 §5). Never clear text.',
  ),
  {
    ...names('groups', 'groups'),
    kind: 'json',
    placeholder: 'JSON',
    description:
      'More upstreams, by a name of your choice, for routes and agreement: `upstream`, `insecure`, and what is to be other than at the top of `selection`, `servfail`, `ecs`, `warm`, `ca`, `limits`. With `insecure: true` an upstream may be udp://ADDRESS or tcp://ADDRESS with a private address.',
    defaultText: 'none',
    allowed: 'keys such as corp: { upstream: [tls://192.0.2.1#dns.example.com] }',
    inHelp: false,
  },
  {
    ...names('routes', 'routes'),
    kind: 'json',
    placeholder: 'JSON',
    description:
      'From domain names to groups: a query goes to the group of the longest name that its own name ends in, else to `default`, the upstreams of `upstream`.',
    defaultText: 'none',
    allowed: 'keys such as corp.example.com: corp',
    inHelp: false,
  },
  choice(
    'agreement.mode',
    'agreement',
    AGREEMENT_SETTINGS,
    'off',
    'Ask several groups for chosen queries and compare what they say: only count and log, prefer what more than half say, or fail the query when they contradict each other. Queries that have a route are never compared.',
  ),
  {
    ...names('agreement.groups', 'agreement-group'),
    kind: 'list',
    placeholder: 'GROUP',
    description: 'Group to compare, repeatable, in order of preference; 2 or 3 of them.',
    defaultText: 'none',
    allowed: 'default or a name in groups',
    inHelp: false,
  },
  {
    ...names('agreement.suffixes', 'agreement-suffix'),
    kind: 'list',
    placeholder: 'NAME',
    description: 'Domain name to compare, with all names below it, repeatable; . is every name.',
    defaultText: 'none',
    allowed: 'a domain name',
    inHelp: false,
  },
  {
    ...names('agreement.sampleRate', 'agreement-sample-rate'),
    kind: 'fraction',
    placeholder: 'RATE',
    description: 'How many of the other queries are compared, chosen by chance: 0 is none, 1 is all.',
    defaultText: '0',
    allowed: 'a number from 0 to 1',
    inHelp: false,
  },
  choice(
    'agreement.addressPolicy',
    'agreement-address-policy',
    ADDRESS_POLICIES,
    'same-prefix',
    'What is compared of an address: all of it, its network, or only whether there is one.',
  ),
  choice(
    'agreement.rrsetPolicy',
    'agreement-rrset-policy',
    RRSET_POLICIES,
    'subset',
    'How sets of addresses may differ: not at all, one may lie within the other, or one common address is enough.',
  ),
  flag(
    'agreement.tellNames',
    'agreement-tell-names',
    'false',
    'Log the name and the records of what upstreams disagree about.',
  ),
];

function choice(
  key: string,
  words: string,
  choices: readonly string[],
  defaultText: string,
  description: string,
  inHelp = false,
): Option {
  const allowed = choices.join(', ');
  const kind = 'choice';
  return {
    ...names(key, words),
    kind,
    choices,
    placeholder: 'WORD',
    description,
    defaultText,
    allowed,
    inHelp,
  };
}

function flag(key: string, words: string, defaultText: string, description: string): Option {
  const allowed = 'true, false';
  return {
    ...names(key, words),
    kind: 'switch',
    placeholder: '',
    description,
    defaultText,
    allowed,
    inHelp: false,
  };
}

function file(key: string, words: string, holds: string, content: string): Option {
  return {
    ...names(key, words),
    kind: 'file',
    placeholder: 'FILE',
    description: `PEM file with ${holds}. Read again when it changes.`,
    defaultText: 'none',
    allowed: `the path of a PEM file with ${content}`,
    inHelp: false,
  };
}
