/** What is measured in a run: the whole forwarder, or a listener with a handler that answers from memory. */
export type Level = 'listener' | 'end-to-end';

/** `tcp`: queries share connections. `tcp-connection`: each query has a connection of its own. */
export type Transport = 'udp' | 'tcp' | 'tcp-connection';

/**
 * How queries come. `saturated`: many in flight, as many as are answered. `fixed`: many in flight, at a rate that all can
 * serve, so that wake-ups and small batches count. `single`: the next one is asked when the one before is answered.
 */
export type Load = 'saturated' | 'fixed' | 'single';

/**
 * What is asked for. `new`: every name once, the cache switched off. `new-kept`: every name once, the cache switched on.
 * `cached`: a few names again and again, the cache switched on.
 */
export type Names = 'new' | 'new-kept' | 'cached';

/** What is asked of a subject in a run. */
export interface Scenario {
  /** For the command line and the JSON: `end-to-end.udp.new.saturated`. */
  readonly id: string;
  readonly level: Level;
  readonly transport: Transport;
  readonly names: Names;
  readonly load: Load;
}

const LEVEL_TEXT: Record<Level, string> = { listener: 'listener alone', 'end-to-end': 'whole forwarder' };

const TRANSPORT_TEXT: Record<Transport, string> = {
  udp: 'UDP',
  tcp: 'TCP, pipelined',
  'tcp-connection': 'TCP, a connection for each query',
};

const NAMES_TEXT: Record<Names, string> = {
  new: 'every name new',
  'new-kept': 'every name new, cache on',
  cached: 'names repeated, cached',
};

const LOAD_TEXT: Record<Load, string> = {
  saturated: 'saturated',
  fixed: 'fixed rate',
  single: 'one in flight',
};

/** What a scenario is, in words. */
export function titleOf({ level, transport, names, load }: Scenario): string {
  const about = level === 'listener' ? [] : [NAMES_TEXT[names]];
  return [LEVEL_TEXT[level], TRANSPORT_TEXT[transport], ...about, LOAD_TEXT[load]].join(', ');
}

function scenario(level: Level, transport: Transport, names: Names, load: Load): Scenario {
  const about = level === 'listener' ? [] : [names];
  return { id: [level, transport, ...about, load].join('.'), level, transport, names, load };
}

/** Every scenario, in the order of the report. */
export const SCENARIOS: readonly Scenario[] = [
  scenario('end-to-end', 'udp', 'new', 'saturated'),
  scenario('end-to-end', 'udp', 'new', 'fixed'),
  scenario('end-to-end', 'udp', 'new', 'single'),
  scenario('end-to-end', 'udp', 'new-kept', 'saturated'),
  scenario('end-to-end', 'udp', 'new-kept', 'fixed'),
  scenario('end-to-end', 'udp', 'cached', 'saturated'),
  scenario('end-to-end', 'udp', 'cached', 'fixed'),
  scenario('end-to-end', 'tcp', 'new', 'saturated'),
  scenario('end-to-end', 'tcp', 'new', 'single'),
  scenario('end-to-end', 'tcp', 'cached', 'saturated'),
  scenario('end-to-end', 'tcp-connection', 'new', 'saturated'),
  scenario('end-to-end', 'tcp-connection', 'cached', 'saturated'),
  scenario('listener', 'udp', 'new', 'saturated'),
  scenario('listener', 'udp', 'new', 'fixed'),
  scenario('listener', 'udp', 'new', 'single'),
  scenario('listener', 'tcp', 'new', 'saturated'),
  scenario('listener', 'tcp', 'new', 'single'),
  scenario('listener', 'tcp-connection', 'new', 'saturated'),
];

/** Scenarios that `speed` measures when none are named. */
export const SPEED_SCENARIOS: readonly string[] = [
  'end-to-end.udp.new.saturated',
  'end-to-end.udp.new.fixed',
  'end-to-end.udp.cached.saturated',
];

/** Whether the subject's cache is switched on. */
export function usesCache({ names }: Scenario): boolean {
  return names !== 'new';
}
