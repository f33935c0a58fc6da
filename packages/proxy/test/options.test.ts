import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { configJsonSchema } from '../src/docs/config-schema.ts';
import { optionsPage } from '../src/docs/options-page.ts';
import { helpText } from '../src/settings/command-line.ts';
import { CONFIG_OPTION, OPTIONS, optionAt } from '../src/settings/options.ts';
import { settingsSchema } from '../src/settings/settings-schema.ts';

function leavesOf(schema: z.ZodType, key = ''): string[] {
  const inner = schema instanceof z.ZodPrefault ? schema.unwrap() : schema;
  if (!(inner instanceof z.ZodObject)) return [key];
  return Object.entries<z.ZodType>(inner.shape).flatMap(([name, below]) =>
    leavesOf(below, key === '' ? name : `${key}.${name}`),
  );
}

describe('OPTIONS', () => {
  it('holds exactly the settings of the schema', () => {
    expect(leavesOf(settingsSchema).sort()).toEqual(OPTIONS.map((option) => option.key).sort());
  });

  it('gives each option a flag, a variable and a key of its own', () => {
    for (const name of ['flag', 'environment', 'key'] as const) {
      expect(new Set(OPTIONS.map((option) => option[name])).size).toBe(OPTIONS.length);
    }
  });

  it('says what each option does, and gives each number a default within its range', () => {
    for (const { key, description, limit } of OPTIONS) {
      expect(description, key).not.toBe('');
      if (limit === undefined) continue;
      expect(limit.default, key).toBeGreaterThanOrEqual(limit.min);
      expect(limit.default, key).toBeLessThanOrEqual(limit.max);
    }
  });

  it('lists in --help the general options and the numbers that people set most', () => {
    const help = helpText('raw');
    for (const { flag } of [...OPTIONS.filter((option) => option.inHelp), CONFIG_OPTION]) {
      expect(help).toContain(`  ${flag}`);
    }
    expect(
      OPTIONS.filter((option) => option.inHelp && option.limit !== undefined).length,
    ).toBeGreaterThanOrEqual(7);
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });
});

describe('generated docs', () => {
  it('OPTIONS.md names every flag, variable and key', () => {
    const page = optionsPage();
    for (const { flag, environment, key } of OPTIONS) {
      expect(page).toContain(`\`${flag}`);
      expect(page).toContain(`\`${environment}\``);
      expect(page).toContain(`\`${key}\``);
    }
  });

  it('the JSON Schema refuses unknown keys and knows ranges', () => {
    const schema = z.fromJSONSchema(JSON.parse(configJsonSchema()));
    expect(schema.safeParse({ listen: ['127.0.0.1'], limits: { proxy: { graceMs: 1 } } }).success).toBe(true);
    expect(schema.safeParse({ listne: [] }).success).toBe(false);
    expect(schema.safeParse({ limits: { proxy: { graceMs: -1 } } }).success).toBe(false);
    expect(optionAt('limits.proxy.graceMs')?.limit?.max).toBe(600_000);
  });

  it.each([
    ['OPTIONS.md', optionsPage],
    ['config.schema.json', configJsonSchema],
  ])('docs/%s is up to date', (name, make) => {
    expect(readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8')).toBe(make());
  });
});
