import type { z } from 'zod';
import { SettingError } from '../failures.ts';
import { shown } from '../logging/one-line.ts';
import { keysUnder, optionAt } from './options.ts';
import { type SettingsLayer, valueAt } from './settings-layer.ts';
import { didYouMean } from './suggestion.ts';

/** The error line for what the schema found wrong in one layer: which setting, what it was, what it may be. */
export function settingError(issue: z.core.$ZodIssue, layer: SettingsLayer): SettingError {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') return unknownKey(path, issue.keys[0] ?? '', layer);

  // The path of an item in a list ends in its index; the option is the list.
  const key =
    optionAt(path.join('.')) === undefined && path.length > 0 ? path.slice(0, -1).join('.') : path.join('.');
  const name = layer.nameOf(optionAt(key) === undefined ? path.join('.') : key);
  if (issue.code === 'custom') return new SettingError(`${name}: ${issue.message}`);
  return new SettingError(`${name}: ${expectation(key, path, layer)}`);
}

function unknownKey(path: readonly string[], unknown: string, layer: SettingsLayer): SettingError {
  const allowed = keysUnder(path.join('.'));
  const name = layer.nameOf([...path, unknown].join('.'));
  return new SettingError(
    `${name}: unknown key; it may be ${allowed.join(', ')}${didYouMean(unknown, allowed)}`,
  );
}

function expectation(key: string, path: readonly string[], layer: SettingsLayer): string {
  const option = optionAt(key);
  const value = valueAt(layer.tree, path.join('.'));
  if (option === undefined) {
    const group = path.join('.');
    return `must hold keys (${keysUnder(group).join(', ')}), not ${shown(value)}`;
  }
  switch (option.kind) {
    case 'list':
    case 'files':
      return listExpectation(key, path, option.allowed, layer);
    case 'choice': {
      const guess = typeof value === 'string' ? didYouMean(value, option.choices ?? []) : '';
      return `${shown(value)} is not one of ${option.allowed}${guess}`;
    }
    case 'switch':
      return `${shown(value)} is neither true nor false`;
    case 'number':
      return `${shown(value)} is not ${option.allowed}`;
    case 'file':
    case 'text':
      return `${shown(value)} is not ${option.allowed}`;
  }
}

function listExpectation(
  key: string,
  path: readonly string[],
  allowed: string,
  layer: SettingsLayer,
): string {
  const list = valueAt(layer.tree, key);
  if (!Array.isArray(list)) return `must be a list, as in [${shown(list)}]`;
  if (list.length === 0) return `is an empty list; an entry may be ${allowed}`;
  return `${shown(list[Number(path.at(-1))])} is not text; it may be ${allowed}`;
}
