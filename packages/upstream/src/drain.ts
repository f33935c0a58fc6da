/** The end of something that owes answers: once it is asked to close, it ends when it owes none, or when its grace is over. */
export class Drain {
  readonly #onEnd: () => Promise<void>;
  readonly #ended = Promise.withResolvers<void>();
  #owed = 0;
  #closing = false;
  #ending = false;
  #grace: NodeJS.Timeout | null = null;

  /** @param onEnd lets everything go; called once. */
  constructor(onEnd: () => Promise<void>) {
    this.#onEnd = onEnd;
  }

  /** Whether it takes nothing more. */
  get closing(): boolean {
    return this.#closing;
  }

  /** One answer more is owed. */
  owe(): void {
    this.#owed++;
  }

  /** One of them was given, or will never be. */
  paid(): void {
    this.#owed--;
    if (this.#closing && this.#owed === 0) this.#end();
  }

  /** Settles once everything is let go. A later call may shorten the wait. */
  close(graceMs: number): Promise<void> {
    this.#closing = true;
    if (this.#grace !== null) clearTimeout(this.#grace);
    if (graceMs <= 0 || this.#owed === 0) this.#end();
    else this.#grace = setTimeout(() => this.#end(), graceMs);
    return this.#ended.promise;
  }

  #end(): void {
    if (this.#ending) return;
    this.#ending = true;
    if (this.#grace !== null) clearTimeout(this.#grace);
    void this.#onEnd().then(() => this.#ended.resolve());
  }
}
