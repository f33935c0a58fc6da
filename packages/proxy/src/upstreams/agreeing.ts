import { type AgreementObserver, createAgreement } from '@tridot/agreement';
import { DEFAULT_GROUP, type UpstreamAnswer, type Upstreams } from '@tridot/upstream';
import { SettingError } from '../failures.ts';
import { shown } from '../logging/one-line.ts';
import type { Settings } from '../settings/settings-schema.ts';
import { didYouMean } from '../settings/suggestion.ts';
import type { NameOf } from './upstreams-options.ts';

/** Who is asked for the queries of clients. */
export type Asked = Pick<Upstreams, 'ask'>;

/**
 * Puts the comparison of groups before the upstreams, if the settings want one. What has a route is asked of that group
 * alone: names of a site are nothing for others.
 *
 * @throws {AgreementOptionError} ERR_AGREEMENT_OPTION: an option cannot be used.
 */
export function agreeing(settings: Settings, upstreams: Upstreams, observer: AgreementObserver): Asked {
  const { mode, groups, suffixes, sampleRate, addressPolicy, rrsetPolicy, tellNames } = settings.agreement;
  if (mode === 'off') return upstreams;
  const agreement = createAgreement<UpstreamAnswer>({
    upstreams: [...upstreams.groups.values()]
      .filter(({ name }) => groups.includes(name))
      .sort((one, other) => groups.indexOf(one.name) - groups.indexOf(other.name)),
    otherwise: upstreams,
    mode,
    suffixes,
    sampleRate,
    addressPolicy,
    rrsetPolicy,
    tellNames,
    limits: settings.limits.agreement,
    observer,
  });
  if (Object.keys(settings.routes).length === 0) return agreement;
  return {
    ask: (query) => (upstreams.routeOf(query).suffix === null ? agreement : upstreams).ask(query),
  };
}

/**
 * Checks the settings of the comparison.
 *
 * @throws {SettingError} ERR_SETTING: the groups are not there, are too few or too many, or nothing would be compared.
 * @throws {AgreementOptionError} ERR_AGREEMENT_OPTION: another option cannot be used.
 */
export function checkAgreement(settings: Settings, nameOf: NameOf = (key) => key): void {
  const { mode, groups, suffixes, sampleRate, addressPolicy, rrsetPolicy } = settings.agreement;
  if (mode === 'off') return;
  const known = [DEFAULT_GROUP, ...Object.keys(settings.groups)];
  for (const group of groups) {
    if (known.includes(group)) continue;
    const guess = didYouMean(group, known);
    throw new SettingError(
      `${nameOf('agreement.groups')}: ${shown(group)} is not a group; it may be ${known.join(', ')}${guess}`,
    );
  }
  if (groups.length < 2 || groups.length > 3 || new Set(groups).size < groups.length) {
    throw new SettingError(
      `${nameOf('agreement.groups')}: must name 2 or 3 different groups, not ${shown(groups.join(', '))}`,
    );
  }
  if (suffixes.length === 0 && sampleRate === 0) {
    throw new SettingError(
      `${nameOf('agreement.mode')}: ${mode} compares nothing without agreement.suffixes or agreement.sampleRate`,
    );
  }
  const upstreams = groups.map((name) => ({ name, ask: nobody }));
  const { limits } = settings;
  createAgreement({
    upstreams,
    mode,
    suffixes,
    sampleRate,
    addressPolicy,
    rrsetPolicy,
    limits: limits.agreement,
  });
}

function nobody(): Promise<UpstreamAnswer> {
  return Promise.reject(new TypeError('asked while settings were checked'));
}
