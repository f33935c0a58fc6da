import { checkedLimit } from './limits.ts';

/**
 * How many requests a server handles at the same time, and how many more may wait. In Python this is chosen by mixing in
 * `ThreadingMixIn` or `ForkingMixIn`, or neither; here it is a value.
 */
export interface Admission {
  readonly max: number;
  readonly backlog: number;
}

/** How many requests wait for their turn by default when only one is handled at a time. */
export const SEQUENTIAL_BACKLOG = 128;

/** One request after another, as Python's servers do without a mix-in. */
export function sequential(options: { backlog?: number } = {}): Admission {
  return { max: 1, backlog: checkedLimit('backlog', options.backlog ?? SEQUENTIAL_BACKLOG) };
}

/**
 * Up to `max` requests at the same time (default 1000), and by default none waiting: a request that comes when all
 * places are taken is dropped.
 *
 * @throws {OptionError} ERR_OPTION: out of the range of `SERVER_LIMITS`
 */
export function concurrent(options: { max?: number; backlog?: number } = {}): Admission {
  return { max: checkedLimit('max', options.max), backlog: checkedLimit('backlog', options.backlog) };
}
