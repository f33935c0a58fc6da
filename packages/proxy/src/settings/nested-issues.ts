import { z } from 'zod';
import { shown } from '../logging/one-line.ts';
import { isTree } from './settings-layer.ts';
import { settingsSchema } from './settings-schema.ts';
import { didYouMean } from './suggestion.ts';

/** What is wrong at a place inside the value of an option, and what may stand there. */
export function nestedExpectation(
  issue: z.core.$ZodIssue,
  path: readonly string[],
  option: unknown,
  below: readonly string[],
): string {
  if (issue.code === 'custom') return issue.message;
  if (issue.code === 'unrecognized_keys') {
    const allowed = keysAt(path);
    return `unknown key; it may be ${allowed.join(', ')}${didYouMean(issue.keys[0] ?? '', allowed)}`;
  }
  const value = below.reduce<unknown>(partOf, option);
  if (value === undefined) return 'has to be given';
  const schema = schemaAt(path);
  if (schema instanceof z.ZodEnum) {
    const choices = schema.options.map(String);
    const guess = typeof value === 'string' ? didYouMean(value, choices) : '';
    return `${shown(value)} is not one of ${choices.join(', ')}${guess}`;
  }
  if (schema instanceof z.ZodBoolean) return `${shown(value)} is neither true nor false`;
  if (schema instanceof z.ZodNumber) {
    return `${shown(value)} is not a whole number from ${schema.minValue} to ${schema.maxValue}`;
  }
  if (schema instanceof z.ZodArray) {
    return Array.isArray(value) ? 'is an empty list' : `must be a list, as in [${shown(value)}]`;
  }
  if (schema instanceof z.ZodObject)
    return `must hold keys (${keysAt(path).join(', ')}), not ${shown(value)}`;
  return value === '' ? 'is empty' : `${shown(value)} is not text`;
}

/** What may be written at a place, without what makes it optional; `undefined` where nothing may stand. */
function schemaAt(path: readonly string[]): unknown {
  return path.reduce<unknown>((schema, part) => {
    const known = unwrapped(schema);
    if (known instanceof z.ZodRecord) return unwrapped(known.valueType);
    if (known instanceof z.ZodArray) return unwrapped(known.element);
    const inner =
      known instanceof z.ZodUnion ? known.options.find((each) => each instanceof z.ZodObject) : known;
    return inner instanceof z.ZodObject ? unwrapped(inner.shape[part]) : undefined;
  }, settingsSchema);
}

function keysAt(path: readonly string[]): string[] {
  const schema = schemaAt(path);
  const inner =
    schema instanceof z.ZodUnion ? schema.options.find((each) => each instanceof z.ZodObject) : schema;
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

function unwrapped(schema: unknown): unknown {
  const wraps =
    schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
  return wraps ? unwrapped(schema.unwrap()) : schema;
}

function partOf(value: unknown, part: string): unknown {
  if (Array.isArray(value)) return value[Number(part)];
  return isTree(value) && Object.hasOwn(value, part) ? value[part] : undefined;
}
