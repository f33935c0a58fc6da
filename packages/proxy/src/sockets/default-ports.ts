import type { Strategy } from '@tridot/listener';

/** The port of each strategy, so that all can run side by side. */
export const DEFAULT_PORTS: Readonly<Record<string, number>> = { raw: 5301, framework: 5302, library: 5303 };

/** For a strategy that is not in the table, such as one under test. */
const ANY_OTHER_PORT = 5300;

/** The port of an endpoint that names none. */
export function defaultPortOf(strategy: Strategy): number {
  return DEFAULT_PORTS[strategy.name] ?? ANY_OTHER_PORT;
}
