/** Whether it makes sense to send us queries: an upstream has answered lately. */
export interface Readiness {
  /** An upstream could not be reached, or did not answer. The next check asks before it says yes. */
  failed(): void;
  /** Asks an upstream once, so that the first client finds a connection. */
  warmUp(): void;
  check(): Promise<Verdict>;
}

export interface Verdict {
  readonly ready: boolean;
  /** One line for people. */
  readonly reason: string;
}

export interface ReadinessOptions {
  /** When an upstream last answered, by `performance.now()`. */
  readonly answeredAtMs: () => number;
  readonly draining: () => boolean;
  /** Asks an upstream anything; rejects when none answers. */
  readonly probe: () => Promise<unknown>;
  readonly windowMs: number;
  /** How long a check waits for the probe. */
  readonly waitMs: number;
}

/**
 * Ready means that a query would be answered. Traffic shows that for nothing; without any, or after a failure, a query of
 * our own finds out. An idle forwarder has to ask: otherwise it would seem dead, get no traffic, and stay so.
 */
export function createReadiness(options: ReadinessOptions): Readiness {
  let failedAtMs = Number.NEGATIVE_INFINITY;
  let probedAtMs = Number.NEGATIVE_INFINITY;
  let lastFailure = 'no upstream has answered yet';
  let probe: Promise<void> | null = null;

  /** One at a time, however many ask. It goes on when nobody waits for it any more. */
  function probeOnce(): Promise<void> {
    probe ??= options
      .probe()
      .then(
        () => {
          probedAtMs = performance.now();
        },
        (error: unknown) => {
          failedAtMs = performance.now();
          lastFailure = error instanceof Error ? error.message : String(error);
        },
      )
      .finally(() => {
        probe = null;
      });
    return probe;
  }

  function answeredLately(): boolean {
    const answeredAtMs = Math.max(options.answeredAtMs(), probedAtMs);
    return answeredAtMs > failedAtMs && performance.now() - answeredAtMs < options.windowMs;
  }

  return {
    failed() {
      failedAtMs = performance.now();
    },
    warmUp: () => void probeOnce(),
    async check() {
      if (options.draining()) return { ready: false, reason: 'draining' };
      if (!answeredLately()) await atMost(options.waitMs, probeOnce());
      if (options.draining()) return { ready: false, reason: 'draining' };
      return answeredLately()
        ? { ready: true, reason: 'ready' }
        : { ready: false, reason: `no upstream answers: ${lastFailure}` };
    },
  };
}

async function atMost(ms: number, promise: Promise<void>): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([promise, over]);
  clearTimeout(timer);
}
