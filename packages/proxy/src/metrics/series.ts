/** Makes metrics of prom-client that read counters of ours when they are scraped, and cost nothing in between. */
import { Counter, Gauge, Histogram as PromHistogram, type Registry } from 'prom-client';
import type { Histogram } from './histogram.ts';

/** One metric. `Value` is a number, or a histogram of ours. */
export interface SeriesOf<Labels extends string, Value> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Labels[];
  /** Called for every scrape. */
  read(): Iterable<readonly [Readonly<Record<Labels, string>>, Value]>;
}

export function addCounter<Labels extends string = never>(
  registry: Registry,
  { name, help, labels, read }: SeriesOf<Labels, number>,
): void {
  new Counter({
    name,
    help,
    labelNames: labels,
    registers: [registry],
    collect() {
      this.reset();
      for (const [values, value] of read()) this.inc(values, value);
    },
  });
}

export function addGauge<Labels extends string = never>(
  registry: Registry,
  { name, help, labels, read }: SeriesOf<Labels, number>,
): void {
  new Gauge({
    name,
    help,
    labelNames: labels,
    registers: [registry],
    collect() {
      this.reset();
      for (const [values, value] of read()) this.set(values, value);
    },
  });
}

const MS_PER_SECOND = 1_000;

/** The histograms count milliseconds; what is shown is seconds. */
export function addHistogram<Labels extends string = never>(
  registry: Registry,
  series: SeriesOf<Labels, Histogram>,
): void {
  new CountedElsewhere(registry, series);
}

/** A histogram of prom-client cannot be given counts, only values one by one: this one answers a scrape with ours. */
class CountedElsewhere<Labels extends string> extends PromHistogram<Labels> {
  readonly #series: SeriesOf<Labels, Histogram>;

  constructor(registry: Registry, series: SeriesOf<Labels, Histogram>) {
    const { name, help, labels } = series;
    super({ name, help, labelNames: labels, registers: [registry] });
    this.#series = series;
  }

  /** What the registry asks a histogram for; `get` asks it too. The types of prom-client leave it out. */
  async getForPromString() {
    const { name, help, read } = this.#series;
    const values = [...read()].flatMap(([labels, histogram]) => this.#lines(labels, histogram));
    return { name, help, type: 'histogram', aggregator: 'sum', values };
  }

  #lines(labels: Readonly<Record<Labels, string>>, histogram: Histogram) {
    const { name } = this.#series;
    const { bounds, counts, sum } = histogram;
    const lines = [];
    let total = 0;
    for (const [slot, count] of counts.entries()) {
      const bound = bounds[slot];
      const le = bound === undefined ? '+Inf' : bound / MS_PER_SECOND;
      total += count;
      lines.push({ labels: { ...labels, le }, value: total, metricName: `${name}_bucket` });
    }
    lines.push({ labels, value: sum / MS_PER_SECOND, metricName: `${name}_sum` });
    lines.push({ labels, value: total, metricName: `${name}_count` });
    return lines;
  }
}
