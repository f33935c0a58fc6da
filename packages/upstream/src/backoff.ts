import type { UpstreamLimits } from './limits.ts';

/** When a server that failed may be dialled again. Without failures that is at any time. RFC 7858 §3.1. */
export class Backoff {
  readonly #limits: Pick<UpstreamLimits, 'backoffMinMs' | 'backoffMaxMs'>;
  readonly #random: () => number;
  #failures = 0;
  #untilMs = 0;

  constructor(
    limits: Pick<UpstreamLimits, 'backoffMinMs' | 'backoffMaxMs'>,
    random: () => number = Math.random,
  ) {
    this.#limits = limits;
    this.#random = random;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** The first moment at which dialling is allowed, on the clock of `performance.now()`. */
  get untilMs(): number {
    return this.#untilMs;
  }

  failed(nowMs: number): void {
    const doubled = this.#limits.backoffMinMs * 2 ** Math.min(this.#failures, 30);
    const pauseMs = Math.min(doubled, this.#limits.backoffMaxMs);
    this.#failures++;
    // Only ever shorter: the longest pause is a promise to the user.
    this.#untilMs = nowMs + pauseMs * (1 - 0.25 * this.#random());
  }

  /** The pause is over; the next one is as long as it would have been. */
  forgive(): void {
    this.#untilMs = 0;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#untilMs = 0;
  }
}
