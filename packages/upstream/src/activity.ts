/** A timer that fires later than this was held up by the process itself. */
const LATE_MS = 20;

/** What an {@link Activity} watches for. */
export interface ActivityEvents {
  /** The idle window, which may change while the connection lives, in milliseconds. */
  idleMs(): number;
  /** It has owed nothing for the idle window. */
  onIdle(): void;
  /** It owes answers and has brought nothing for half the time that it may. */
  onSilent(): void;
  /** It owes answers and has brought nothing for as long as it may. */
  onStalled(): void;
}

/**
 * Whether a connection is at work, and since when; with one timer for its whole life, which sees both that it is idle and
 * that it is stalled. Going idle or to work between two looks needs no new timer.
 */
export class Activity {
  readonly #stallMs: number;
  readonly #events: ActivityEvents;
  #owed = 0;
  #answers = 0;
  /** Since when it owes an answer and has brought none; since when it owes none. */
  #sinceMs: number;
  /** How long it had been idle when it last began to owe, and how much it had answered by then. */
  #idleBeforeMs = 0;
  #answersBefore = 0;
  #suspected = false;
  #watch: NodeJS.Timeout | null = null;
  /** When the next look is due. */
  #dueMs = 0;

  constructor(nowMs: number, stallMs: number, events: ActivityEvents) {
    this.#sinceMs = nowMs;
    this.#stallMs = stallMs;
    this.#events = events;
    this.#lookIn(this.#untilNextLook(nowMs), nowMs);
  }

  /** Queries that somebody waits for, probes included. */
  get owed(): number {
    return this.#owed;
  }

  /** If it ended now, after how long of idleness that was; `null` when it was at work. */
  get idleMs(): number | null {
    if (this.#owed === 0) return performance.now() - this.#sinceMs;
    return this.#answers === this.#answersBefore ? this.#idleBeforeMs : null;
  }

  /** Whether nothing has come since this moment. */
  silentSince(atMs: number): boolean {
    return this.#sinceMs <= atMs;
  }

  /** One query more is owed an answer. */
  asked(nowMs: number): void {
    if (this.#owed++ > 0) return;
    this.#idleBeforeMs = nowMs - this.#sinceMs;
    this.#answersBefore = this.#answers;
    this.#sinceMs = nowMs;
  }

  /** The answer to one of them came. */
  answered(nowMs: number): void {
    this.#answers++;
    this.#owed--;
    this.#heard(nowMs);
  }

  /** An answer came that nobody waits for any more: the connection is alive all the same. */
  heardLate(nowMs: number): void {
    this.#answers++;
    this.#heard(nowMs);
  }

  /** So many are not waited for any more. */
  dropped(count: number, nowMs: number): void {
    this.#owed -= count;
    if (this.#owed === 0) this.#sinceMs = nowMs;
  }

  /** What is still owed has as much time again. */
  restart(): void {
    this.#heard(performance.now());
  }

  /** The idle window has become shorter. */
  lookSooner(): void {
    if (this.#watch === null) return;
    clearTimeout(this.#watch);
    const nowMs = performance.now();
    this.#lookIn(this.#untilNextLook(nowMs), nowMs);
  }

  stop(): void {
    if (this.#watch !== null) clearTimeout(this.#watch);
    this.#watch = null;
  }

  #heard(nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#suspected = false;
  }

  readonly #look = (): void => {
    const startMs = performance.now();
    const lateMs = startMs - this.#dueMs;
    // While the process was held up, nobody read: that time is not the server's, and its answers may lie there.
    if (this.#owed > 0 && lateMs > LATE_MS) this.#sinceMs = Math.min(startMs, this.#sinceMs + lateMs);
    // Timers fire on whole milliseconds and may be early by a fraction of one.
    const forMs = startMs - this.#sinceMs + 1;
    let againMs: number | null = null;
    if (this.#owed === 0) {
      if (forMs >= this.#events.idleMs()) {
        this.#events.onIdle();
        // Whoever keeps it open all the same has begun to do something about it.
        againMs = this.#stallMs;
      }
    } else if (forMs >= this.#stallMs) {
      this.#events.onStalled();
    } else if (forMs >= this.#stallMs / 2 && !this.#suspected) {
      this.#suspected = true;
      this.#events.onSilent();
    }
    if (this.#watch === null) return;
    const nowMs = performance.now();
    this.#lookIn(againMs ?? this.#untilNextLook(nowMs), nowMs);
  };

  #lookIn(ms: number, nowMs: number): void {
    this.#dueMs = nowMs + ms;
    this.#watch = setTimeout(this.#look, ms);
  }

  /** Never later than the shorter of both limits: a connection may change between idle and at work before the next look. */
  #untilNextLook(nowMs: number): number {
    const idleMs = this.#events.idleMs();
    const silentMs = this.#stallMs / 2;
    const forMs = nowMs - this.#sinceMs;
    const leftMs = (this.#owed === 0 ? idleMs : this.#suspected ? this.#stallMs : silentMs) - forMs;
    return Math.max(1, Math.min(leftMs, silentMs, idleMs));
  }
}
