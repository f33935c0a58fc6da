import type { Verdict } from '../runner.ts';
import type { Subject } from '../subject.ts';

/** Where lines cannot be overwritten, one for so many results. */
const LINE_EVERY = 50;

/** One line that grows: how far a subject is. */
export class Progress {
  readonly #subject: Subject;
  readonly #total: number;
  readonly #startedAt = performance.now();
  readonly #counts = { pass: 0, fail: 0, 'not applicable': 0 };

  constructor(subject: Subject, total: number) {
    this.#subject = subject;
    this.#total = total;
  }

  count(verdict: Verdict): void {
    this.#counts[verdict] += 1;
    const done = this.#counts.pass + this.#counts.fail + this.#counts['not applicable'];
    if (process.stderr.isTTY) process.stderr.write(`\r${this.#line()}`);
    else if (done % LINE_EVERY === 0) process.stderr.write(`${this.#line()}\n`);
  }

  end(): void {
    process.stderr.write(`${process.stderr.isTTY ? '\r' : ''}${this.#line()}\n`);
  }

  #line(): string {
    const { pass, fail, 'not applicable': none } = this.#counts;
    const seconds = Math.round((performance.now() - this.#startedAt) / 1_000);
    return `${this.#subject.name}: ${pass + fail + none} of ${this.#total}, ${pass} passed, ${fail} failed, ${none} not applicable, ${seconds} s`;
  }
}
