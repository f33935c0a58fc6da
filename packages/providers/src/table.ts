/** The providers. Nothing here was tried against the live services: docs/PROVIDERS.md says what was read where. */
import { EUROPEAN_PROVIDERS } from './european-providers.ts';
import { NORTH_AMERICAN_PROVIDERS } from './north-american-providers.ts';
import type { Provider } from './provider.ts';

/** All providers, in the order in which they are listed. Names are unique. */
export const PROVIDERS: readonly Provider[] = [...NORTH_AMERICAN_PROVIDERS, ...EUROPEAN_PROVIDERS];

const BY_NAME: ReadonlyMap<string, Provider> = new Map(
  PROVIDERS.map((provider) => [provider.name, provider]),
);

/**
 * The provider of this name; `undefined` when there is none. One that has {@link Provider.ended} is found too, so that
 * a user can be told.
 */
export function findProvider(name: string): Provider | undefined {
  return BY_NAME.get(name);
}
