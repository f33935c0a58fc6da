/** A count of places, taken and given back; those who wait get them in the order they came. */
export class Semaphore {
  readonly #max: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Places taken now. */
  get taken(): number {
    return this.#taken;
  }

  /** Takes a place if one is free and nobody waits for it. */
  tryAcquire(): boolean {
    if (this.#taken >= this.#max) return false;
    this.#taken += 1;
    return true;
  }

  /** Takes a place as soon as there is one. */
  acquire(): Promise<void> {
    if (this.tryAcquire()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Gives a place back. It goes straight to the one who has waited longest. */
  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken -= 1;
    else next();
  }
}
