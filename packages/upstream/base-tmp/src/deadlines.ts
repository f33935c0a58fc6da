/** Something that is given up at a time. The links belong to the queue. */
export interface Expiring<T> {
  /** On the clock of `performance.now()`. */
  readonly deadlineMs: number;
  earlier: T | null;
  later: T | null;
}

/** Timers fire on whole milliseconds and may be early by a fraction of one. */
const TIMER_SLACK_MS = 1;

/**
 * What is waiting, in order of deadline, with one timer for all. Adding and removing cost a few pointers, and what was
 * removed is not held.
 */
export class DeadlineQueue<T extends Expiring<T>> {
  readonly #onExpired: (entry: T) => void;
  #first: T | null = null;
  #last: T | null = null;
  #timer: NodeJS.Timeout | null = null;
  #size = 0;

  constructor(onExpired: (entry: T) => void) {
    this.#onExpired = onExpired;
  }

  get size(): number {
    return this.#size;
  }

  /** The entry that expires first. */
  get first(): T | null {
    return this.#first;
  }

  /** The entry must not be in a queue. Deadlines mostly come in order, so the place is looked for from the end. */
  add(entry: T): void {
    let before = this.#last;
    while (before !== null && before.deadlineMs > entry.deadlineMs) before = before.earlier;
    const after = before === null ? this.#first : before.later;
    entry.earlier = before;
    entry.later = after;
    if (before === null) this.#first = entry;
    else before.later = entry;
    if (after === null) this.#last = entry;
    else after.earlier = entry;
    this.#size++;
    if (this.#timer === null) this.#arm();
    else if (before === null && after !== null) this.#rearm();
  }

  /** The entry must be in this queue. */
  remove(entry: T): void {
    const { earlier, later } = entry;
    if (earlier === null) this.#first = later;
    else earlier.later = later;
    if (later === null) this.#last = earlier;
    else later.earlier = earlier;
    entry.earlier = null;
    entry.later = null;
    this.#size--;
  }

  /** Lets go of the timer; entries stay. Needed once nothing will be added any more. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(): void {
    if (this.#first === null) return;
    // An armed timer is left alone when its entry is removed: it costs one early wake-up, not one timer per entry.
    this.#timer = setTimeout(this.#expire, Math.max(0, this.#first.deadlineMs - performance.now()));
  }

  #rearm(): void {
    this.stop();
    this.#arm();
  }

  readonly #expire = (): void => {
    this.#timer = null;
    const now = performance.now() + TIMER_SLACK_MS;
    while (this.#first !== null && this.#first.deadlineMs <= now) {
      const entry = this.#first;
      this.remove(entry);
      this.#onExpired(entry);
    }
    if (this.#timer === null) this.#arm();
  };
}
