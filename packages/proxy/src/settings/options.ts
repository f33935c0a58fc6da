import type { Limit } from '@tridot/listener';
import { ANSWER_OPTIONS } from './answer-options.ts';
import { GENERAL_OPTIONS } from './general-options.ts';
import { NUMBER_TABLES } from './number-tables.ts';
import { names, type Option } from './option.ts';
import { UPSTREAM_OPTIONS } from './upstream-options.ts';

/** The numbers that people set most; the rest is in the docs. */
const NUMBERS_IN_HELP: ReadonlySet<string> = new Set([
  'limits.proxy.graceMs',
  'limits.rateLimit.queriesPerSecond',
  'limits.listener.maxInFlight',
  'limits.cache.maxBytes',
  'limits.listener.maxConnections',
  'limits.listener.idleTimeoutMs',
  'limits.forwarder.udpPayloadBytes',
  'limits.upstream.queryTimeoutMs',
  'limits.upstream.connectTimeoutMs',
  'limits.upstream.idleTimeoutMs',
]);

/** Numbers that belong to sockets and timers that live as long as the program. */
const NEEDS_RESTART =
  /^limits\.(?:listener|admin|cache|sharedCache)\.|^limits\.proxy\.(?:portAttempts|repeatedLogIntervalMs|watchIntervalMs)$/;

/** Every setting. Flags, environment, YAML, `--help`, `docs/OPTIONS.md` and error lines are all made from this table. */
export const OPTIONS: readonly Option[] = [
  ...GENERAL_OPTIONS,
  ...UPSTREAM_OPTIONS,
  ...ANSWER_OPTIONS,
  ...numberOptions(),
];

/** The file of the other settings. It is no setting itself, so it has no place in YAML. */
export const CONFIG_OPTION: Omit<Option, 'key'> = {
  flag: '--config',
  environment: 'TRIDOT_CONFIG',
  kind: 'file',
  placeholder: 'FILE',
  description:
    'YAML file with the same settings. Flags win over the environment, the environment over the file.',
  defaultText: 'none',
  allowed: 'the path of a YAML file',
  inHelp: true,
};

/** Flags that make the program do one thing and end. */
export const COMMANDS: readonly Command[] = [
  { flag: '--check', description: 'Check all settings and the files they name, say so, and end.' },
  { flag: '--print-config', description: 'Print the settings in effect as YAML, and end.' },
  {
    flag: '--explain',
    argument: 'NAME [TYPE]',
    description: 'Say what would answer a query and why, send nothing, and end. TYPE is A unless given.',
  },
  { flag: '--version', description: 'Print the version, and end.' },
  { flag: '--help', description: 'Print this, and end.' },
];

interface Command {
  readonly flag: string;
  readonly argument?: string;
  readonly description: string;
}

const BY_KEY: ReadonlyMap<string, Option> = new Map(OPTIONS.map((option) => [option.key, option]));

/** The option at a place in YAML; `undefined` for a group of them, or nothing. */
export function optionAt(key: string): Option | undefined {
  return BY_KEY.get(key);
}

/** The names that may stand directly under a place in YAML (`''`: at the top). */
export function keysUnder(prefix: string): string[] {
  const start = prefix === '' ? '' : `${prefix}.`;
  const below = OPTIONS.filter((option) => option.key.startsWith(start));
  return [...new Set(below.map((option) => option.key.slice(start.length).split('.', 1)[0] ?? ''))];
}

function numberOptions(): Option[] {
  return Object.entries(NUMBER_TABLES).flatMap(([group, table]) =>
    Object.entries<Limit>(table).map(([name, limit]) => numberOption(group, name, limit)),
  );
}

function numberOption(group: string, name: string, limit: Limit): Option {
  const key = `limits.${group}.${name}`;
  const prefix = group === 'proxy' ? '' : `${hyphenated(group)}-`;
  return {
    ...names(key, `${prefix}${hyphenated(name)}`),
    kind: 'number',
    placeholder: 'N',
    description: limit.why,
    defaultText: String(limit.default),
    allowed: `a whole number from ${limit.min} to ${limit.max}`,
    limit,
    inHelp: NUMBERS_IN_HELP.has(key),
    needsRestart: NEEDS_RESTART.test(key),
  };
}

function hyphenated(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
