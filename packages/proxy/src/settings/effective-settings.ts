import { allowedRanges } from '../admission/allowed-clients.ts';
import { formatEndpoint, parseEndpoint } from '../sockets/endpoints.ts';
import type { Settings } from './settings-schema.ts';

/** What depends on where the program runs. */
export interface Surroundings {
  readonly defaultPort: number;
  /** Standard output is a terminal. */
  readonly isTerminal: boolean;
}

/**
 * Settings with nothing left to decide: each address has its port, the log its format, and who may ask is said.
 *
 * @throws {SettingError} ERR_SETTING: it has to be said and is not.
 */
export function effectiveSettings(
  settings: Settings,
  { defaultPort, isTerminal }: Surroundings,
): EffectiveSettings {
  const listen = settings.listen.map((text) => {
    const endpoint = parseEndpoint(text);
    return formatEndpoint({ ...endpoint, port: endpoint.port ?? defaultPort });
  });
  // In the order of the schema, so that what is printed reads back the same.
  const { denied, rateLimited } = settings.access;
  const { level, queries, clients } = settings.log;
  const format = settings.log.format ?? (isTerminal ? 'pretty' : 'json');
  return {
    ...settings,
    listen,
    access: { allow: [...allowedRanges(settings.access.allow, listen)], denied, rateLimited },
    log: { level, format, queries, clients },
  };
}

export type EffectiveSettings = Settings & { readonly log: { readonly format: 'pretty' | 'json' } };
