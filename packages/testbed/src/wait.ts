import { TESTBED_LIMITS } from './limits.ts';

/** A wait for an event that did not come in time. */
export class WaitTimeoutError extends Error {
  readonly code = 'ERR_TESTBED_TIMEOUT';

  constructor(awaited: string, timeoutMs: number) {
    super(`waited ${timeoutMs} ms in vain for ${awaited}`);
    this.name = 'WaitTimeoutError';
  }
}

export interface WaitOptions {
  /** Milliseconds; default 5000. */
  readonly timeoutMs?: number;
}

interface Waiter {
  readonly isMet: () => boolean;
  readonly settle: () => void;
}

/** Lets tests wait until something has become true, woken by {@link Signal.notify} and not by polling. */
export class Signal {
  readonly #waiters = new Set<Waiter>();

  /** To be called after every change that somebody might be waiting for. */
  notify(): void {
    if (this.#waiters.size === 0) return;
    for (const waiter of this.#waiters) if (waiter.isMet()) waiter.settle();
  }

  /**
   * Settles once `isMet` holds.
   *
   * @param describe what is awaited and how far it got, for the error's message.
   * @throws {WaitTimeoutError} ERR_TESTBED_TIMEOUT: when it does not hold in time.
   */
  until(isMet: () => boolean, describe: () => string, options: WaitOptions = {}): Promise<void> {
    if (isMet()) return Promise.resolve();
    const timeoutMs = options.timeoutMs ?? TESTBED_LIMITS.waitTimeoutMs.default;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new WaitTimeoutError(describe(), timeoutMs));
      }, timeoutMs);
      const waiter: Waiter = {
        isMet,
        settle: () => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          resolve();
        },
      };
      this.#waiters.add(waiter);
    });
  }
}
