/** Deadlines that all lie the same time ahead, so that they come in the order in which they were set: one timer for all. */

interface Expiring {
  readonly deadlineMs: number;
  expire(): void;
}

export class DeadlineQueue {
  readonly #waiting = new Set<Expiring>();
  #timer: NodeJS.Timeout | null = null;

  add(entry: Expiring): void {
    this.#waiting.add(entry);
    this.#timer ??= this.#timerFor(entry);
  }

  /** For an entry that needs its deadline no more. The last one takes the timer with it. */
  remove(entry: Expiring): void {
    if (!this.#waiting.delete(entry) || this.#waiting.size > 0 || this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  #timerFor(entry: Expiring): NodeJS.Timeout {
    const delayMs = Math.max(1, Math.ceil(entry.deadlineMs - performance.now()));
    const timer = setTimeout(() => this.#expire(), delayMs);
    // The connections keep the process alive, as long as somebody waits for them.
    timer.unref();
    return timer;
  }

  #expire(): void {
    this.#timer = null;
    const nowMs = performance.now();
    for (const entry of this.#waiting) {
      if (entry.deadlineMs > nowMs) {
        this.#timer = this.#timerFor(entry);
        return;
      }
      this.#waiting.delete(entry);
      entry.expire();
    }
  }
}
