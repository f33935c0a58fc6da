import { SettingError } from '../failures.ts';
import { resolveNestedFiles } from './nested-files.ts';
import { CONFIG_OPTION, OPTIONS } from './options.ts';
import { placeIn, type SettingsLayer, type SettingsTree, setValueAt } from './settings-layer.ts';
import { nearest } from './suggestion.ts';
import { valueOfText, workingFolder } from './written-values.ts';

const PREFIX = 'TRIDOT_';

/**
 * Variables that Kubernetes and Docker set in every container beside a service whose name begins with `tridot`:
 * `TRIDOT_SERVICE_HOST`, `TRIDOT_RAW_PORT_53_UDP_ADDR` and so on. They are not ours and not mistakes.
 */
const SERVICE_LINK =
  /^TRIDOT_(?:[A-Z0-9_]+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:ADDR|PORT|PROTO))?)?)$/;

/**
 * The settings of `TRIDOT_…` variables. An empty variable is one that is not set, so that `docker compose` can pass
 * through what is not there.
 *
 * @throws {SettingError} ERR_SETTING: a `TRIDOT_…` variable that is no option.
 */
export function environmentLayer(environment: NodeJS.ProcessEnv): SettingsLayer {
  const known = new Map(OPTIONS.map((option) => [option.environment, option]));
  const keys = new Map(OPTIONS.map((option) => [option.key, option.environment]));
  const folder = workingFolder(environment);
  const tree: SettingsTree = {};
  for (const [name, text = ''] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || name === CONFIG_OPTION.environment) continue;
    const option = known.get(name);
    if (option !== undefined) {
      if (text !== '') setValueAt(tree, option.key, valueOfText(option.kind, text, folder));
    } else if (!SERVICE_LINK.test(name)) {
      throw unknownVariable(name);
    }
  }
  resolveNestedFiles(tree, folder);
  return { tree, nameOf: (key, below = []) => placeIn(keys.get(key) ?? key, below) };
}

function unknownVariable(name: string): SettingError {
  const names = [CONFIG_OPTION, ...OPTIONS].map(({ environment }) => environment.slice(PREFIX.length));
  const guess = nearest(name.slice(PREFIX.length), names);
  const advice = guess === undefined ? `it may be ${frequentVariables()}` : `did you mean ${PREFIX}${guess}?`;
  return new SettingError(`${name}: unknown variable; ${advice}`);
}

function frequentVariables(): string {
  const first = OPTIONS.filter((option) => option.inHelp).slice(0, SHOWN_VARIABLES);
  return `${[CONFIG_OPTION, ...first].map(({ environment }) => environment).join(', ')} or another of docs/OPTIONS.md`;
}

const SHOWN_VARIABLES = 5;
