import { HEADER_BYTES, lowerCase, questionEnd } from '../message.ts';
import { encodeName } from '../names.ts';
import { seededRandom } from '../random.ts';
import type { Behaviour, Exchange } from './behaviour.ts';

/** The behaviours, for connections of these numbers alone; the first connection has number 1. */
export function onConnections(numbers: readonly number[], ...behaviours: readonly Behaviour[]): Behaviour[] {
  return behaviours.map((behaviour) => ({
    ...behaviour,
    appliesTo: (connection) =>
      numbers.includes(connection.number) && (behaviour.appliesTo?.(connection) ?? true),
  }));
}

/** The behaviours, for queries of one name (letter case aside) or for which `selects` holds. Others pass them by. */
export function onQueries(
  selects: string | ((exchange: Exchange) => boolean),
  ...behaviours: readonly Behaviour[]
): Behaviour[] {
  const isMeant = typeof selects === 'string' ? asksFor(selects) : selects;
  return behaviours.map((behaviour) => ({
    ...behaviour,
    query(exchange, next) {
      if (behaviour.query !== undefined && isMeant(exchange)) behaviour.query(exchange, next);
      else next();
    },
  }));
}

/** The behaviours, for the first `count` queries that get here; later ones pass them by. */
export function onFirst(count: number, ...behaviours: readonly Behaviour[]): Behaviour[] {
  return behaviours.flatMap((behaviour) => {
    let seen = 0;
    return onQueries(() => {
      seen += 1;
      return seen <= count;
    }, behaviour);
  });
}

/** For each query one of the behaviours, as the seed decides. Only what they do to queries counts. */
export function atRandom(seed: number, ...behaviours: readonly Behaviour[]): Behaviour {
  const random = seededRandom(seed);
  return {
    name: 'atRandom',
    query(exchange, next) {
      const chosen = behaviours[Math.floor(random() * behaviours.length)];
      if (chosen?.query === undefined) next();
      else chosen.query(exchange, next);
    },
  };
}

function asksFor(name: string): (exchange: Exchange) => boolean {
  const wanted = encodeName(name);
  return ({ query }) => {
    const asked = query.subarray(HEADER_BYTES, questionEnd(query) - 4);
    return (
      asked.length === wanted.length &&
      asked.every((octet, at) => lowerCase(octet) === lowerCase(wanted[at] ?? 0))
    );
  };
}
