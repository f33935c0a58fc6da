/**
 * Items that expire some time after they were last added. All of them share one timer, which is not set anew when an
 * item is refreshed, so that refreshing costs two operations on a map.
 */
export class ExpiryQueue<Item> {
  readonly #afterMs: number;
  readonly #onExpired: (item: Item) => void;
  /** In the order of their times, since an item that is added again goes to the end. */
  readonly #since = new Map<Item, number>();
  #timer: NodeJS.Timeout | undefined;

  /** @param afterMs 0: items are kept in order and never expire. */
  constructor(afterMs: number, onExpired: (item: Item) => void) {
    this.#afterMs = afterMs;
    this.#onExpired = onExpired;
  }

  get size(): number {
    return this.#since.size;
  }

  /** Adds an item, or starts its time again. */
  add(item: Item): void {
    this.#since.delete(item);
    this.#since.set(item, performance.now());
    if (this.#timer === undefined && this.#afterMs > 0) this.#arm(this.#afterMs);
  }

  has(item: Item): boolean {
    return this.#since.has(item);
  }

  delete(item: Item): void {
    this.#since.delete(item);
  }

  /** The item that has been here longest, of those that `matches` accepts. */
  oldest(matches: (item: Item) => boolean = () => true): Item | undefined {
    for (const item of this.#since.keys()) if (matches(item)) return item;
    return undefined;
  }

  clear(): void {
    this.#since.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(inMs: number): void {
    this.#timer = setTimeout(this.#expire, inMs);
    // What the items stand for keeps the process alive, not their clock.
    this.#timer.unref();
  }

  readonly #expire = (): void => {
    this.#timer = undefined;
    for (const [item, since] of this.#since) {
      const leftMs = since + this.#afterMs - performance.now();
      if (leftMs > 0) {
        if (this.#timer === undefined) this.#arm(Math.ceil(leftMs));
        return;
      }
      this.#since.delete(item);
      this.#onExpired(item);
    }
  };
}
