import { isDeepStrictEqual } from 'node:util';
import { OPTIONS } from './options.ts';
import { type SettingsTree, setValueAt, valueAt } from './settings-layer.ts';
import { type Settings, settingsSchema } from './settings-schema.ts';

/** What a reload makes of new settings. */
export interface ReloadedSettings {
  /** The new settings, with the old values of those that need a restart. */
  readonly settings: Settings;
  /** Keys that have another value now. */
  readonly changed: readonly string[];
  /** Keys that would have another value after a restart. */
  readonly needRestart: readonly string[];
}

/** Joins the settings in effect with those that were read anew. */
export function reloadedSettings(current: Settings, next: Settings): ReloadedSettings {
  const before: SettingsTree = { ...current };
  const after: SettingsTree = structuredClone(next);
  const different = OPTIONS.filter(
    ({ key }) => !isDeepStrictEqual(valueAt(before, key), valueAt(after, key)),
  );
  const fixed = different.filter(({ needsRestart }) => needsRestart);
  for (const { key } of fixed) setValueAt(after, key, valueAt(before, key));
  return {
    settings: settingsSchema.parse(after),
    changed: different.filter((option) => !fixed.includes(option)).map(({ key }) => key),
    needRestart: fixed.map(({ key }) => key),
  };
}
