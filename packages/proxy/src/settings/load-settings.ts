import { SettingError } from '../failures.ts';
import { environmentLayer } from './environment-layer.ts';
import { fileLayer } from './file-layer.ts';
import { CONFIG_OPTION, OPTIONS } from './options.ts';
import { settingError } from './setting-issues.ts';
import { type SettingsLayer, type SettingsTree, setValueAt, valueAt } from './settings-layer.ts';
import { type Settings, settingsSchema } from './settings-schema.ts';
import { valueOfText, workingFolder } from './written-values.ts';

/** Settings in effect, and what to call one in an error line. */
export interface LoadedSettings {
  readonly settings: Settings;
  /** The flag, variable or place in the file that a setting came from; its key when it is the default. */
  nameOf(key: string, below?: readonly string[]): string;
  /** The file that was read, if there is one. */
  readonly configFile: string | undefined;
}

export interface SettingsSources {
  /** What the flags said. */
  readonly flags: SettingsLayer;
  /** The value of `--config`. */
  readonly configFile?: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Reads, checks and joins the settings of flags, environment and file: flags win over the environment, the environment
 * over the file. Each source is checked whole, also where another one wins.
 *
 * @throws {SettingError} ERR_SETTING for the first setting that cannot be used.
 */
export async function loadSettings(sources: SettingsSources): Promise<LoadedSettings> {
  const layers = [sources.flags, environmentLayer(sources.environment)];
  const file = configFile(sources);
  if (file !== undefined) layers.push(await fileLayer(file.setting, file.path));
  for (const layer of layers) check(layer);
  return joined(layers, file?.path);
}

function configFile({
  configFile: flag,
  environment,
}: SettingsSources): { setting: string; path: string } | undefined {
  const variable = environment[CONFIG_OPTION.environment];
  const text = flag ?? (variable === '' ? undefined : variable);
  if (text === undefined) return undefined;
  if (text === '') throw new SettingError(`${CONFIG_OPTION.flag}: "" is not ${CONFIG_OPTION.allowed}`);
  return {
    setting: flag === undefined ? CONFIG_OPTION.environment : CONFIG_OPTION.flag,
    path: String(valueOfText('file', text, workingFolder(environment))),
  };
}

function check(layer: SettingsLayer): void {
  const issue = settingsSchema.safeParse(layer.tree).error?.issues[0];
  if (issue !== undefined) throw settingError(issue, layer);
}

/** The first layer that has a setting wins; a list is taken whole, never joined with another. */
function joined(layers: readonly SettingsLayer[], configFile: string | undefined): LoadedSettings {
  const tree: SettingsTree = {};
  const origins = new Map<string, SettingsLayer>();
  for (const { key } of OPTIONS) {
    const layer = layers.find((candidate) => valueAt(candidate.tree, key) !== undefined);
    if (layer === undefined) continue;
    setValueAt(tree, key, valueAt(layer.tree, key));
    origins.set(key, layer);
  }
  const settings = settingsSchema.parse(tree);
  return {
    settings,
    nameOf: (key, below = []) => origins.get(key)?.nameOf(key, below) ?? [key, ...below].join('.'),
    configFile,
  };
}
