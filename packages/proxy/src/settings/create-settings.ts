import { settingError } from './setting-issues.ts';
import { isTree } from './settings-layer.ts';
import { type Settings, type SettingsInput, settingsSchema } from './settings-schema.ts';

/**
 * Settings for a proxy in process: what is given, and the default of everything else.
 *
 * @throws {SettingError} ERR_SETTING: the first of them that cannot be used.
 */
export function createSettings(input: SettingsInput = {}): Settings {
  const result = settingsSchema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const tree = isTree(input) ? input : {};
  throw issue === undefined
    ? result.error
    : settingError(issue, { tree, nameOf: (key, below = []) => [key, ...below].join('.') });
}
