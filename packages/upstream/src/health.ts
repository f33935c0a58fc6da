import type { Backoff } from './backoff.ts';
import type { UpstreamError } from './errors.ts';

/** Whether one server answers, as its queries tell; and for how long it is left alone when it does not. */
export class Health {
  readonly #backoff: Backoff;
  #failedAtMs = 0;
  #lastError: UpstreamError | null = null;

  constructor(backoff: Backoff) {
    this.#backoff = backoff;
  }

  /** Whether it has failed and not answered since. */
  get isOut(): boolean {
    return this.#failedAtMs !== 0;
  }

  /** When it failed last; 0 when it has not since it last answered. */
  get failedAtMs(): number {
    return this.#failedAtMs;
  }

  /** Why it is out; `null` when it is not. */
  get lastError(): UpstreamError | null {
    return this.#lastError;
  }

  /** It may not be tried before this. */
  get outUntilMs(): number {
    return this.#backoff.untilMs;
  }

  failed(error: UpstreamError): void {
    this.#lastError = error;
    this.#failedAtMs = performance.now();
    this.#backoff.failed(this.#failedAtMs);
  }

  answered(): void {
    this.#backoff.succeeded();
    this.#lastError = null;
    this.#failedAtMs = 0;
  }
}
