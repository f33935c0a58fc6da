import type { OutgoingQuery } from '@tridot/wire';
import { ChosenQueries } from './chosen-queries.ts';
import { Comparing, type ComparingRules } from './comparing.ts';
import { DeadlineQueue } from './deadline-queue.ts';
import { AgreementError } from './errors.ts';
import type { Outcome } from './observer.ts';
import { type AgreementOptions, type CheckedOptions, checkOptions } from './options.ts';
import type { UpstreamAnswer } from './port.ts';

/** How often each thing happened since the start. */
export interface AgreementCounters {
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Chosen, but not compared for want of room. */
  readonly overloaded: number;
  /** Being compared now. */
  readonly open: number;
  /** By upstream: how often the others agreed among themselves and not with it. */
  readonly odd: Readonly<Record<string, number>>;
  /** By upstream: how often it had no comparable answer in time. */
  readonly missing: Readonly<Record<string, number>>;
}

export interface Agreement<Answer extends UpstreamAnswer> {
  /**
   * Asks one upstream, or compares several where the query was chosen.
   *
   * Rejects with what the upstream rejects with, or with an {@link AgreementError}.
   */
  ask(query: OutgoingQuery): Promise<Answer>;
  counters(): AgreementCounters;
}

/** @throws {AgreementOptionError} ERR_AGREEMENT_OPTION: an option cannot be used. */
export function createAgreement<Answer extends UpstreamAnswer>(
  options: AgreementOptions<Answer>,
): Agreement<Answer> {
  return new ComparingUpstream(checkOptions(options));
}

class ComparingUpstream<Answer extends UpstreamAnswer> implements Agreement<Answer> {
  readonly #options: CheckedOptions<Answer>;
  readonly #chosen: ChosenQueries;
  readonly #rules: ComparingRules<Answer>;
  readonly #deadlines = new DeadlineQueue();
  readonly #outcomes = { agreed: 0, 'agreed-in-part': 0, disagreed: 0, unconfirmed: 0 };
  readonly #odd: Record<string, number>;
  readonly #missing: Record<string, number>;
  #overloaded = 0;
  #open = 0;

  constructor(options: CheckedOptions<Answer>) {
    const { upstreams, mode, rrsetPolicy, addressPolicy, tellNames, limits, observer } = options;
    this.#options = options;
    this.#chosen = new ChosenQueries(options);
    this.#odd = Object.fromEntries(upstreams.map(({ name }) => [name, 0]));
    this.#missing = { ...this.#odd };
    this.#rules = {
      upstreams,
      mode,
      rrsets: rrsetPolicy,
      rdata: {
        addresses: addressPolicy,
        ipv4PrefixBits: limits.ipv4PrefixBits,
        ipv6PrefixBits: limits.ipv6PrefixBits,
      },
      minAnswers: limits.minAnswers,
      tellNames,
      onDone: (comparing, comparison) => {
        this.#open--;
        this.#deadlines.remove(comparing);
        this.#outcomes[comparison.outcome]++;
        for (const { upstream, odd, state } of comparison.answers) {
          if (odd) this.#odd[upstream] = (this.#odd[upstream] ?? 0) + 1;
          if (state !== 'answered') this.#missing[upstream] = (this.#missing[upstream] ?? 0) + 1;
        }
        observer.compared?.(comparison);
      },
    };
  }

  ask(query: OutgoingQuery): Promise<Answer> {
    return this.#chosen.has(query) ? this.#compare(query) : this.#options.otherwise.ask(query);
  }

  counters(): AgreementCounters {
    return {
      outcomes: { ...this.#outcomes },
      overloaded: this.#overloaded,
      open: this.#open,
      odd: { ...this.#odd },
      missing: { ...this.#missing },
    };
  }

  #compare(query: OutgoingQuery): Promise<Answer> {
    const { limits, mode, otherwise, observer } = this.#options;
    if (this.#open >= limits.maxComparisons) {
      this.#overloaded++;
      observer.overloaded?.();
      if (mode === 'observe') return otherwise.ask(query);
      const error = new AgreementError(
        'ERR_AGREEMENT_OVERLOADED',
        `${this.#open} queries are being compared already`,
      );
      return Promise.reject(error);
    }
    this.#open++;
    return new Promise((resolve, reject) => {
      const deadlineMs = performance.now() + limits.waitMs;
      const comparing = new Comparing(this.#rules, query, deadlineMs, resolve, reject);
      this.#deadlines.add(comparing);
      comparing.start();
    });
  }
}
