/** Called for the first of a kind, and again with how many more there were. */
export type Report = (more: number) => void;

/** Tells what repeats itself without repeating it. */
export interface RepeatedCauses {
  /**
   * Something happened. The first time `report(0)` is called at once; more of the same cause within the interval are
   * counted, and reported together when it has passed.
   */
  happened(cause: string, report: Report): void;
  /** Reports what was counted so far, and forgets all causes. */
  flush(): void;
}

/** Causes remembered at once: a text that differs every time must not grow the memory. */
const MAX_CAUSES = 256;
const ANY_OTHER = 'any other cause';

interface Repetition {
  count: number;
  report: Report;
  timer: NodeJS.Timeout;
}

/** @param intervalMs how long the same cause is counted before it is reported again, in milliseconds. */
export function createRepeatedCauses(intervalMs: number): RepeatedCauses {
  const repetitions = new Map<string, Repetition>();

  function settle(cause: string, repetition: Repetition): void {
    const { count, report } = repetition;
    if (count === 0) {
      repetitions.delete(cause);
      clearInterval(repetition.timer);
      return;
    }
    repetition.count = 0;
    report(count);
  }

  return {
    happened(cause, report) {
      const key = repetitions.has(cause) || repetitions.size < MAX_CAUSES ? cause : ANY_OTHER;
      const known = repetitions.get(key);
      if (known !== undefined) {
        known.count += 1;
        known.report = report;
        return;
      }
      const timer = setInterval(() => settle(key, repetition), intervalMs).unref();
      const repetition: Repetition = { count: 0, report, timer };
      repetitions.set(key, repetition);
      report(0);
    },
    flush() {
      for (const { count, report, timer } of repetitions.values()) {
        clearInterval(timer);
        if (count > 0) report(count);
      }
      repetitions.clear();
    },
  };
}
