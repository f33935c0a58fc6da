import {
  createUpstreams,
  DEFAULT_GROUP,
  type GroupOptions,
  type Route,
  type UpstreamsOptions,
} from '@tridot/upstream';
import { buildOutgoing, rcodeOf, walk } from '@tridot/wire';
import { PolicySide } from '../answers/policy-side.ts';
import { SILENT_LOGGER } from '../logging/log.ts';
import { oneLine } from '../logging/one-line.ts';
import { presentRcode } from '../logging/presentation.ts';
import { readQuestion } from '../logging/question.ts';
import type { Settings } from '../settings/settings-schema.ts';
import { cold } from '../upstreams/check-upstreams.ts';
import { upstreamsOptions } from '../upstreams/upstreams-options.ts';
import { explainedQuery } from './explained-query.ts';
import { groupLines, limitLines } from './group-lines.ts';

/** What a line is about, and what it says. */
export type Line = readonly [about: string, says: string];

/**
 * Says what would answer a query and why, one line for each step. Reads the files of the policy, and sends nothing.
 *
 * @throws {SettingError} ERR_SETTING: the name or the type is none, or the settings cannot be used.
 */
export async function explain(settings: Settings, name: string, type: string): Promise<string> {
  const query = explainedQuery(name, type);
  const question = readQuestion(query);
  const policy = await policyLine(settings, query);
  const lines: Line[] = [
    ['query', `${question?.qname ?? name} ${question?.qclass ?? 'IN'} ${question?.qtype ?? type}`],
    ['policy', policy.says],
  ];
  if (!policy.answered) lines.push(...(await forwardedLines(settings, query)));
  const width = Math.max(...lines.map(([about]) => about.length));
  return lines
    .map(([about, says]) => oneLine(`${about.padEnd(width)}  ${says}`))
    .join('\n')
    .concat('\n');
}

async function policyLine(
  settings: Settings,
  query: Buffer,
): Promise<{ readonly answered: boolean; readonly says: string }> {
  const side = new PolicySide(SILENT_LOGGER);
  const { policy } = await side.prepare(settings);
  const layout = walk(query);
  const reply = typeof layout === 'string' ? null : policy.answer(query, layout);
  await policy.close();
  if (reply === null)
    return { answered: false, says: 'leaves it: no local record, special name or block list has it' };
  const { local, special } = policy.counters;
  const why = local > 0 ? 'a local record or hosts file' : special > 0 ? 'a special name' : 'a block list';
  return {
    answered: true,
    says: `answers it itself with ${presentRcode(rcodeOf(reply))}: ${why} has it; no upstream is asked`,
  };
}

async function forwardedLines(settings: Settings, query: Buffer): Promise<Line[]> {
  const options = upstreamsOptions(settings);
  const upstreams = createUpstreams(cold(options));
  const route = upstreams.routeOf(buildOutgoing(query, walk(query)));
  await upstreams.close();
  const group = groupNamed(options, route.group.name);
  return [
    ['cache', cacheLine(settings)],
    ['route', routeLine(route, Object.keys(settings.routes).length)],
    ['agreement', agreementLine(settings, route.suffix)],
    ...groupLines(group),
    ...limitLines(group),
  ];
}

function groupNamed(options: UpstreamsOptions, name: string): GroupOptions {
  return name === DEFAULT_GROUP ? options : (options.groups?.[name] ?? options);
}

function cacheLine({ cache }: Settings): string {
  if (!cache.enabled) return 'off: each query goes upstream';
  const shared = cache.shared === undefined ? '' : ', then the shared cache';
  return `first the memory${shared}: what it holds of a running forwarder is not known here`;
}

function routeLine({ suffix, group }: Route, routes: number): string {
  if (suffix !== null)
    return `${suffix} leads to group ${group.name}: it is the longest that the name ends in`;
  return routes === 0
    ? `there are none: group ${group.name}`
    : `none of ${routes} is for this name: group ${group.name}`;
}

function agreementLine({ agreement }: Settings, suffix: string | null): string {
  const { mode, groups, suffixes, sampleRate } = agreement;
  if (mode === 'off') return 'off';
  if (suffix !== null) return `${mode}, but not for a name with a route`;
  const which = suffixes.length === 0 ? '' : `names in ${suffixes.join(', ')}; `;
  return `${mode} among ${groups.join(', ')}, for ${which}${sampleRate} of the other queries`;
}
