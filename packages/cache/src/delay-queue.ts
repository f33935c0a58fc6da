/** Calls back after a delay that is the same for all: one timer, however many wait. */
export class DelayQueue<Item> {
  readonly #delayMs: number;
  readonly #onDue: (item: Item) => void;
  readonly #clock: () => number;
  #items: { readonly item: Item; readonly dueMs: number }[] = [];
  #next = 0;
  #isArmed = false;

  constructor(delayMs: number, onDue: (item: Item) => void, clock: () => number = () => performance.now()) {
    this.#delayMs = delayMs;
    this.#onDue = onDue;
    this.#clock = clock;
  }

  push(item: Item): void {
    this.#items.push({ item, dueMs: this.#clock() + this.#delayMs });
    if (!this.#isArmed) this.#arm(this.#delayMs);
  }

  #arm(ms: number): void {
    this.#isArmed = true;
    // Nobody waits for this timer when the program wants to end.
    setTimeout(this.#run, Math.max(1, ms)).unref();
  }

  readonly #run = (): void => {
    this.#isArmed = false;
    const nowMs = this.#clock();
    let first = this.#items[this.#next];
    while (first !== undefined && first.dueMs <= nowMs) {
      this.#next++;
      this.#onDue(first.item);
      first = this.#items[this.#next];
    }
    this.#items.splice(0, this.#next);
    this.#next = 0;
    if (first !== undefined && !this.#isArmed) this.#arm(first.dueMs - nowMs);
  };
}
