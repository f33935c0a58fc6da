import { randomFillSync } from 'node:crypto';

/** Random numbers fetched at a time: a call into the generator costs as much as some hundred numbers. */
const POOL_NUMBERS = 4_096;

/** Draws message IDs that nobody can foresee and that none of `taken` uses. RFC 5452 §9.2, RFC 7766 §6.2.1. */
export interface MessageIds {
  /** Some of the 65 536 must be free: `maxInFlightPerConnection` sees to that. */
  next(taken: { has(messageId: number): boolean }): number;
}

export function createMessageIds(
  fill: (pool: Uint16Array) => void = (pool) => randomFillSync(pool),
): MessageIds {
  const pool = new Uint16Array(POOL_NUMBERS);
  let used = POOL_NUMBERS;
  return {
    next(taken) {
      for (;;) {
        if (used === POOL_NUMBERS) {
          fill(pool);
          used = 0;
        }
        const messageId = pool[used++] ?? 0;
        if (!taken.has(messageId)) return messageId;
      }
    },
  };
}
