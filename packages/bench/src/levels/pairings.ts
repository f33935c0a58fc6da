import type { Subject } from '@tridot/peers';
import type { Pairing } from '../method/rounds.ts';
import { type Scenario, usesCache } from '../method/scenario.ts';
import { ECHO, LISTENER_SUBJECTS } from './listener-subjects.ts';

/**
 * Who takes part in a scenario. The listener alone is measured of those that are asked for, beside bare sockets. Where
 * answers come from a cache, those without one stay away, and bare sockets are there as the floor.
 *
 * @param subjects forwarders that are asked for.
 */
export function pairingsOf(scenario: Scenario, subjects: readonly Subject[]): Pairing[] {
  return takingPart(scenario, subjects).map((subject) => ({ subject, scenario }));
}

function takingPart(scenario: Scenario, subjects: readonly Subject[]): readonly Subject[] {
  if (scenario.level === 'listener') {
    const strategies = LISTENER_SUBJECTS.filter((each) => subjects.some(({ name }) => name === each.name));
    return scenario.transport === 'udp' ? [...strategies, ECHO] : strategies;
  }
  if (!usesCache(scenario)) return subjects;
  const caching = subjects.filter((subject) => subject.caches);
  return scenario.names === 'cached' && scenario.transport === 'udp' ? [...caching, ECHO] : caching;
}
