import { seededRandom } from '../random.ts';
import type { Behaviour } from './behaviour.ts';

/** The true answer, at once: what an upstream without behaviours does. */
export function answer(): Behaviour {
  return { name: 'answer' };
}

/** Answers `ms` milliseconds late. */
export function delay(ms: number): Behaviour {
  return {
    name: 'delay',
    query: (_exchange, next) => {
      setTimeout(next, ms);
    },
  };
}

/** A behaviour that keeps answers until it is told to let them go. */
export interface Hold extends Behaviour {
  /** Answers kept back now. */
  readonly held: number;
  /** Lets the oldest `count` go; default: all. Later queries are kept back again. */
  release(count?: number): void;
  /** Lets all go, and keeps nothing back from now on. */
  open(): void;
}

/** Keeps every answer until released. */
export function hold(): Hold {
  const waiting: (() => void)[] = [];
  let isOpen = false;
  const release = (count = waiting.length): void => {
    for (const next of waiting.splice(0, count)) next();
  };
  return {
    name: 'hold',
    get held() {
      return waiting.length;
    },
    query(_exchange, next) {
      if (isOpen) next();
      else waiting.push(next);
    },
    release,
    open() {
      isOpen = true;
      release();
    },
  };
}

/** Waits for `block` queries, on whatever connections, and answers them last first. */
export function reorder(block: number): Behaviour {
  return inBlocks('reorder', block, (waiting) => waiting.reverse());
}

/** Waits for `block` queries and answers them in an order that the seed decides. */
export function shuffle(block: number, seed = 1): Behaviour {
  const random = seededRandom(seed);
  return inBlocks('shuffle', block, (waiting) => {
    const left = [...waiting];
    return waiting.flatMap(() => left.splice(Math.floor(random() * left.length), 1));
  });
}

/** Takes queries and never answers. */
export function silence(): Behaviour {
  return { name: 'silence', query: () => undefined };
}

type Step = () => void;

function inBlocks(name: string, block: number, order: (waiting: Step[]) => Step[]): Behaviour {
  let waiting: Step[] = [];
  return {
    name,
    query(_exchange, next) {
      waiting.push(next);
      if (waiting.length < block) return;
      const full = waiting;
      waiting = [];
      for (const step of order(full)) step();
    },
  };
}
