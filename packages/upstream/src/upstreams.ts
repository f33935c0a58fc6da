import type { OutgoingQuery } from '@tridot/wire';
import { checkOptions, DEFAULT_GROUP, limitsOf } from './check-options.ts';
import { Group } from './group.ts';
import { describeGroup, type UpstreamGroup } from './group-view.ts';
import type { UpstreamObserver } from './observer.ts';
import type { UpstreamsOptions } from './options.ts';
import type { UpstreamAnswer } from './pending-query.ts';
import { Routes } from './routes.ts';

/** Where a query goes. */
export interface Route {
  /** The domain name of the route as it was written; `null`: no route is for this query. */
  readonly suffix: string | null;
  readonly group: UpstreamGroup;
}

/** Groups of upstreams, and the names that each of them serves. */
export interface Upstreams {
  /** The names of all upstreams, for logs: those of the default group first, each group's in order of preference. */
  readonly names: readonly string[];

  /** By name; the first one is `default`. */
  readonly groups: ReadonlyMap<string, UpstreamGroup>;

  /**
   * Asks the group that serves the query's name, within `queryTimeoutMs` in all.
   *
   * @throws {UpstreamError} when none answered; its `ede` says why to the client (RFC 8914).
   */
  ask(query: OutgoingQuery): Promise<UpstreamAnswer>;

  /** Where the query would go. Sends nothing. */
  routeOf(query: Pick<OutgoingQuery, 'message' | 'qnameEnd'>): Route;

  /**
   * Takes no more queries, waits for those in flight, then closes every connection in order. Settles in every state, also
   * when called again; never rejects. A later call may shorten the wait.
   *
   * @param options.graceMs how long to wait for queries in flight, in milliseconds. Default 0: not at all.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/**
 * Makes the upstream side. Nothing is dialled before the first query, except what is to be kept warm.
 *
 * @throws {UpstreamOptionError} ERR_UPSTREAM_OPTION: an option cannot be used.
 */
export function createUpstreams(options: UpstreamsOptions, observer: UpstreamObserver = {}): Upstreams {
  checkOptions(options);
  const groups = createGroups(options, observer);
  const views = new Map(groups.map((group) => [group.name, describeGroup(group)]));
  const [main] = groups;
  const routes = createRoutes(options, groups);

  const groupOf = ({ message, qnameEnd }: Pick<OutgoingQuery, 'message' | 'qnameEnd'>) =>
    routes?.find(message, qnameEnd) ?? null;

  return {
    names: [...new Set(groups.flatMap(({ servers }) => servers.map(({ name }) => name)))],
    groups: views,
    ask:
      routes === null ? (query) => main.ask(query) : (query) => (groupOf(query)?.target ?? main).ask(query),
    routeOf(query) {
      const match = groupOf(query);
      const group = match?.target ?? main;
      return { suffix: match?.suffix ?? null, group: views.get(group.name) ?? describeGroup(group) };
    },
    async close({ graceMs = 0 } = {}) {
      await Promise.all(groups.map((group) => group.close(graceMs)));
    },
  };
}

function createGroups(options: UpstreamsOptions, observer: UpstreamObserver): [Group, ...Group[]] {
  const made: Group[] = [];
  try {
    const main = new Group(DEFAULT_GROUP, options, options.ca, limitsOf(options.limits), observer);
    made.push(main);
    for (const [name, group] of Object.entries(options.groups ?? {})) {
      const limits = limitsOf(options.limits, group.limits);
      made.push(new Group(name, group, group.ca ?? options.ca, limits, observer));
    }
    return [main, ...made.slice(1)];
  } catch (error) {
    for (const group of made) void group.close(0);
    throw error;
  }
}

/** `null` without routes: then nothing is looked up. */
function createRoutes({ routes = {} }: UpstreamsOptions, groups: readonly Group[]): Routes<Group> | null {
  const entries = Object.entries(routes);
  if (entries.length === 0) return null;
  const found = new Routes<Group>();
  for (const [suffix, name] of entries) {
    const group = groups.find((each) => each.name === name);
    if (group !== undefined) found.add(suffix, group);
  }
  return found;
}
