import type { z } from 'zod';
import { SettingError } from '../failures.ts';
import { oneLine, shown } from '../logging/one-line.ts';
import { nestedExpectation } from './nested-issues.ts';
import { keysUnder, optionAt } from './options.ts';
import { type SettingsLayer, valueAt } from './settings-layer.ts';
import { didYouMean } from './suggestion.ts';

/** The error line for what the schema found wrong in one layer: which setting, what it was, what it may be. */
export function settingError(found: z.core.$ZodIssue, layer: SettingsLayer): SettingError {
  const issue = innermost(found);
  const path = issue.path.map(String);
  const inside = insideOption(path, issue.code);
  if (inside !== null) return nestedError(issue, path, inside, layer);
  if (issue.code === 'unrecognized_keys') return unknownKey(path, issue.keys[0] ?? '', layer);

  // The path of an item in a list ends in its index; the option is the list.
  const key =
    optionAt(path.join('.')) === undefined && path.length > 0 ? path.slice(0, -1).join('.') : path.join('.');
  const name = layer.nameOf(optionAt(key) === undefined ? path.join('.') : key);
  if (issue.code === 'custom') return new SettingError(`${name}: ${issue.message}`);
  return new SettingError(`${name}: ${expectation(key, path, layer)}`);
}

/** Of a value that may be several things, what is wrong with the one that it was meant to be. */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  const below = (inner: z.core.$ZodIssue): z.core.$ZodIssue =>
    innermost({ ...inner, path: [...issue.path, ...inner.path] });
  if (issue.code === 'invalid_key') {
    const [inner] = issue.issues;
    return inner === undefined ? issue : below(inner);
  }
  if (issue.code !== 'invalid_union') return issue;
  for (const [inner] of issue.errors) {
    if (inner !== undefined && (inner.code !== 'invalid_type' || inner.path.length > 0)) return below(inner);
  }
  return issue;
}

interface Inside {
  readonly key: string;
  readonly below: readonly string[];
}

/** The option whose value holds this place; `null` when the place is an option, an item of a plain list, or no option's. */
function insideOption(path: readonly string[], code: string): Inside | null {
  for (let length = 1; length < path.length; length++) {
    const key = path.slice(0, length).join('.');
    const below = path.slice(length);
    const kind = optionAt(key)?.kind;
    if (kind === undefined) continue;
    const isItem = kind !== 'json' && below.length === 1 && code !== 'unrecognized_keys';
    return isItem ? null : { key, below };
  }
  return null;
}

function nestedError(
  issue: z.core.$ZodIssue,
  path: readonly string[],
  { key, below }: Inside,
  layer: SettingsLayer,
): SettingError {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const expected = nestedExpectation(issue, path, valueAt(layer.tree, key), below);
  return new SettingError(`${oneLine(layer.nameOf(key, [...below, ...unknown]))}: ${expected}`);
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
    case 'json':
      return `must hold ${option.allowed}, not ${shown(value)}`;
    case 'fraction':
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
