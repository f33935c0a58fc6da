import { AgreementOptionError } from '@tridot/agreement';
import { createUpstreams, UpstreamOptionError, type UpstreamsOptions } from '@tridot/upstream';
import { SettingError } from '../failures.ts';
import { oneLine } from '../logging/one-line.ts';
import type { Settings } from '../settings/settings-schema.ts';
import { checkAgreement } from './agreeing.ts';
import { type NameOf, NO_EMBEDDED, upstreamsOptions } from './upstreams-options.ts';

/**
 * Checks what the settings say about upstreams, and the files that they name. Dials nothing.
 *
 * @throws {SettingError} ERR_SETTING: they cannot be used.
 */
export function checkUpstreams(settings: Settings, nameOf?: NameOf): void {
  const options = upstreamsOptions(settings, NO_EMBEDDED, nameOf);
  asSettingError('upstream', () => {
    // The pair of files is read by whoever uses it; nobody else has to pay for a second set of upstreams.
    if (JSON.stringify(options).includes('"clientCertificate"')) tryOut(options);
  });
  asSettingError('agreement', () => checkAgreement(settings, nameOf));
}

/** Runs what may refuse its options, and has it say so as a setting. */
export function asSettingError<T>(setting: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof UpstreamOptionError || error instanceof AgreementOptionError)) throw error;
    throw new SettingError(oneLine(`${setting}: ${error.message}`), { cause: error });
  }
}

function tryOut(options: UpstreamsOptions): void {
  void createUpstreams(cold(options)).close();
}

/** The same, with nothing dialled before a query comes. */
export function cold(options: UpstreamsOptions): UpstreamsOptions {
  const groups = Object.entries(options.groups ?? {});
  return {
    ...options,
    warm: false,
    groups: Object.fromEntries(groups.map(([name, group]) => [name, { ...group, warm: false }])),
  };
}

/** The files that have to be watched for changes, since nobody else does. */
export function trustAnchorFiles({ ca, upstream, groups }: Settings): string[] {
  const lists = [upstream, ...Object.values(groups).map((group) => group.upstream)];
  const ofServers = lists.flat().map((written) => (typeof written === 'string' ? undefined : written.ca));
  const ofGroups = Object.values(groups).map((group) => group.ca);
  return [ca, ...ofGroups, ...ofServers].filter((file) => file !== undefined);
}
