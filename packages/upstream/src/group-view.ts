import type { OutgoingQuery } from '@tridot/wire';
import { UpstreamOptionError } from './errors.ts';
import type { Group } from './group.ts';
import type { UpstreamAnswer } from './pending-query.ts';
import type { SelectionName } from './selection/selection.ts';

/** How one server does at this moment. */
export interface ServerState {
  readonly name: string;
  /** It answers, or nothing is known against it. */
  readonly healthy: boolean;
  /** For how much longer it is left alone after a failure, in milliseconds; 0: it may be tried. */
  readonly outForMs: number;
  /** Why it is out, in one line; `null` when it is not. */
  readonly lastError: string | null;
  /** Open connections. */
  readonly connections: number;
  /**
   * Queries that wait for a connection to it or for its answer. A query asked of several servers at once is in flight at
   * each, also once another has answered; probes count too.
   */
  readonly inFlight: number;
  /** Exponentially weighted average of what answers take, in milliseconds; 0 before the first. */
  readonly latencyMs: number;
  /** What 19 of 20 answers take at most, in milliseconds; `null` before the twentieth. */
  readonly p95Ms: number | null;
}

/** A group, for those who want to know or to choose a server themselves. */
export interface UpstreamGroup {
  readonly name: string;
  readonly selection: SelectionName;
  /** In order of preference. Computed at each access. */
  readonly servers: readonly ServerState[];
  /** As `Upstreams.ask`, without routes. */
  ask(query: OutgoingQuery): Promise<UpstreamAnswer>;
  /**
   * Asks this server and no other.
   *
   * @param name as in {@link ServerState}.
   * @throws {UpstreamError} when it did not answer.
   */
  askServer(name: string, query: OutgoingQuery): Promise<UpstreamAnswer>;
}

export function describeGroup(group: Group): UpstreamGroup {
  return {
    name: group.name,
    selection: group.selectionName,
    get servers() {
      const nowMs = performance.now();
      return group.servers.map(
        ({ name, healthy, outUntilMs, lastError, connections, inFlight, latency }) => ({
          name,
          healthy,
          outForMs: Math.max(0, outUntilMs - nowMs),
          lastError: lastError?.message ?? null,
          connections,
          inFlight,
          latencyMs: latency.averageMs,
          p95Ms: latency.p95Ms,
        }),
      );
    },
    ask: (query) => group.ask(query),
    async askServer(name, query) {
      const server = group.servers.find((each) => each.name === name);
      if (server === undefined)
        throw new UpstreamOptionError(`no server of group ${group.name} is called ${name}`);
      return group.askServer(server, query);
    },
  };
}
