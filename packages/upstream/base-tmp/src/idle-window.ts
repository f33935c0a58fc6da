/** We close when this share of the time after which the server would has passed. */
const SAFE_SHARE = 0.8;
/** A connection that the server closes sooner than this after its last answer was closed by a count, not by a clock. */
const MIN_IDLE_MS = 100;
/** After so many idle closes of our own in a row, a longer window is tried: the server may have been reconfigured. */
const CLOSES_BEFORE_GROWTH = 8;
const GROWTH = 1.25;

/**
 * How long an idle connection to one server is kept: until just before the server closes it, since a query sent at that very
 * moment must be sent twice. Learned from when the server closes, and from what it announces.
 */
export class IdleWindow {
  readonly #maxMs: number;
  #ms: number;
  #ownCloses = 0;

  constructor(maxMs: number) {
    this.#maxMs = maxMs;
    this.#ms = maxMs;
  }

  get ms(): number {
    return this.#ms;
  }

  /** The server closed a connection, or was found to have closed it, after it had been idle for `idleMs`. */
  closedByServer(idleMs: number): void {
    if (idleMs < MIN_IDLE_MS) return;
    this.#ms = Math.min(this.#ms, idleMs * SAFE_SHARE);
    this.#ownCloses = 0;
  }

  /** The server says after how long it closes (edns-tcp-keepalive). RFC 7828 §3.2.2. */
  announced(timeoutMs: number): void {
    this.#ms = Math.min(this.#maxMs, Math.max(MIN_IDLE_MS * SAFE_SHARE, timeoutMs * SAFE_SHARE));
    this.#ownCloses = 0;
  }

  /** We closed an idle connection in time. */
  closedByUs(): void {
    if (++this.#ownCloses < CLOSES_BEFORE_GROWTH) return;
    this.#ownCloses = 0;
    this.#ms = Math.min(this.#maxMs, this.#ms * GROWTH);
  }
}
