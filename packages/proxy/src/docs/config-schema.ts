import { z } from 'zod';
import { settingsSchema } from '../settings/settings-schema.ts';

/** `docs/config.schema.json`: the JSON Schema (draft 2020-12) of the file of `--config`, for editors and linters. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(settingsSchema, { io: 'input' });
  return `${JSON.stringify({ title: 'tridot configuration', ...schema }, null, 2)}\n`;
}
