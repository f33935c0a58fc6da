/** Counts what is under way, and tells when nothing is. */
export class InFlight {
  readonly #max: number;
  #count = 0;
  #onIdle: (() => void) | undefined;

  constructor(max: number) {
    this.#max = max;
  }

  get full(): boolean {
    return this.#count >= this.#max;
  }

  enter(): void {
    this.#count += 1;
  }

  leave(): void {
    this.#count -= 1;
    if (this.#count === 0) this.#onIdle?.();
  }

  /** Settles when nothing is under way, or after `graceMs`. */
  idle(graceMs: number): Promise<void> {
    if (this.#count === 0 || graceMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.#onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
