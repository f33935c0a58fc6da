import { SPECIAL_SWITCHES } from '@tridot/policy';
import { LOCAL_RECORD_FORMS } from '../answers/local-record.ts';
import { SHARED_CACHE_FORMS } from '../answers/shared-cache-url.ts';
import { names, type Option } from './option.ts';

export const BLOCK_ANSWERS = ['nxdomain', 'zero'] as const;

/** The settings of what is answered without asking an upstream, as far as they are no numbers. */
export const ANSWER_OPTIONS: readonly Option[] = [
  {
    ...names('cache.enabled', 'cache'),
    kind: 'switch',
    placeholder: '',
    description: 'Keep answers in memory and give them again. limits.cache says how many and for how long.',
    defaultText: 'true',
    allowed: 'true, false',
    inHelp: true,
    needsRestart: true,
  },
  {
    ...names('cache.coalesce', 'coalesce'),
    kind: 'switch',
    placeholder: '',
    description: 'Ask an upstream once for equal queries that come while the first is on its way.',
    defaultText: 'true',
    allowed: 'true, false',
    inHelp: false,
  },
  {
    ...names('cache.nxdomainCut', 'nxdomain-cut'),
    kind: 'switch',
    placeholder: '',
    description: 'Take the answer that a name does not exist for all names below it (RFC 8020).',
    defaultText: 'false',
    allowed: 'true, false',
    inHelp: false,
    needsRestart: true,
  },
  {
    ...names('cache.file', 'cache-file'),
    kind: 'file',
    placeholder: 'FILE',
    description:
      'File that the cache is written to at the end and read from at the start. It holds the names that were asked for; only its owner may read it.',
    defaultText: 'none',
    allowed: 'the path of a file in a directory that can be written',
    inHelp: true,
    needsRestart: true,
  },
  {
    ...names('cache.shared', 'shared-cache'),
    kind: 'text',
    placeholder: 'URL',
    description: 'Redis or Valkey server with a second cache that several forwarders share.',
    defaultText: 'none',
    allowed: SHARED_CACHE_FORMS,
    inHelp: true,
    needsRestart: true,
  },
  {
    ...names('policy.localRecords', 'local-record'),
    kind: 'list',
    placeholder: 'RECORD',
    description:
      'Record of a local name, repeatable: name, TTL in seconds if wanted, type (A, AAAA, CNAME, TXT, PTR, SRV, MX), value. A comma ends a record on the command line and in the environment, not in YAML.',
    defaultText: 'none',
    allowed: LOCAL_RECORD_FORMS,
    inHelp: false,
  },
  {
    ...names('policy.hostsFiles', 'hosts-file'),
    kind: 'files',
    placeholder: 'FILE',
    description: 'File in the form of /etc/hosts with local names, repeatable. Read again when it changes.',
    defaultText: 'none',
    allowed: 'the path of a file',
    inHelp: true,
  },
  {
    ...names('policy.blockFiles', 'block-file'),
    kind: 'files',
    placeholder: 'FILE',
    description:
      'File with names to block, repeatable: hosts lines, plain names, or ||name^. Read again when it changes.',
    defaultText: 'none',
    allowed: 'the path of a file',
    inHelp: true,
  },
  {
    ...names('policy.neverBlockFiles', 'never-block-file'),
    kind: 'files',
    placeholder: 'FILE',
    description: 'File with names that are not blocked, whatever the others say, repeatable.',
    defaultText: 'none',
    allowed: 'the path of a file',
    inHelp: false,
  },
  {
    ...names('policy.blockSubdomains', 'block-subdomains'),
    kind: 'switch',
    placeholder: '',
    description: 'Every name in these files also stands for all names below it.',
    defaultText: 'false',
    allowed: 'true, false',
    inHelp: false,
  },
  {
    ...names('policy.blockAnswer', 'block-answer'),
    kind: 'choice',
    choices: BLOCK_ANSWERS,
    placeholder: 'ANSWER',
    description:
      'What is said about a blocked name: that it does not exist, or the addresses 0.0.0.0 and ::.',
    defaultText: 'nxdomain',
    allowed: BLOCK_ANSWERS.join(', '),
    inHelp: false,
  },
  {
    ...names('policy.specialOff', 'special-off'),
    kind: 'list',
    placeholder: 'NAME',
    description:
      'Special name that is forwarded like any other, repeatable; without it what concerns this machine or site alone is answered here.',
    defaultText: 'none',
    allowed: `${SPECIAL_SWITCHES.filter((name) => !name.endsWith('.in-addr.arpa') && !name.endsWith('.ip6.arpa')).join(', ')}, or one of the reverse zones of RFC 6303 and RFC 7793`,
    inHelp: false,
  },
];
