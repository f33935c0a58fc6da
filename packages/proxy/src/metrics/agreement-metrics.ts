import type { Comparison, Outcome } from '@tridot/agreement';
import type { Registry } from 'prom-client';
import { addCounter } from './series.ts';

/** Counts what came of comparing groups of upstreams; over reloads too. */
export class AgreementMetrics {
  readonly outcomes: Record<Outcome, number> = {
    agreed: 0,
    'agreed-in-part': 0,
    disagreed: 0,
    unconfirmed: 0,
  };
  /** By group: the others agreed among themselves, and not with it. */
  readonly odd = new Map<string, number>();
  overloaded = 0;

  compared({ outcome, answers }: Comparison): void {
    this.outcomes[outcome]++;
    for (const { upstream, odd } of answers) {
      this.odd.set(upstream, (this.odd.get(upstream) ?? 0) + (odd ? 1 : 0));
    }
  }
}

/** What `/metrics` shows of them. */
export function addAgreement(registry: Registry, metrics: AgreementMetrics): void {
  addCounter(registry, {
    name: 'tridot_agreement_comparisons_total',
    help: 'Queries asked of several groups, by what came of comparing the answers.',
    labels: ['outcome'],
    *read() {
      for (const [outcome, value] of Object.entries(metrics.outcomes)) yield [{ outcome }, value];
    },
  });
  addCounter(registry, {
    name: 'tridot_agreement_odd_total',
    help: 'Comparisons in which the other groups agreed, and not with this one.',
    labels: ['group'],
    *read() {
      for (const [group, value] of metrics.odd) yield [{ group }, value];
    },
  });
  addCounter(registry, {
    name: 'tridot_agreement_overloaded_total',
    help: 'Queries that were to be compared and were not, for want of room.',
    labels: [],
    read: () => [[{}, metrics.overloaded]],
  });
}
