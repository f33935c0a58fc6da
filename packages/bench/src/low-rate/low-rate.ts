/**
 * Queries so seldom that the upstream has closed the connection before the next one comes: where forwarders to DNS over
 * TLS fail or are slow. Subjects run side by side, since they have almost nothing to do; each run has an upstream and a
 * process of its own.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { Subject } from '@tridot/peers';
import { behaviours } from '@tridot/testbed';
import { BENCH_LIMITS } from '../limits.ts';
import { latencyOf } from '../load/figures.ts';
import { startCountingUpstream } from '../load/upstream.ts';
import { firstLineOf } from '../method/first-line.ts';
import { startSubject } from '../method/measure.ts';
import type { Method } from '../method/result.ts';
import { askOnSchedule } from './ask-on-schedule.ts';
import type { LowRateRow } from './result.ts';
import { scheduleOf } from './schedule.ts';

export interface LowRateOptions {
  readonly subjects: readonly Subject[];
  /** Queries a second. */
  readonly rates: readonly number[];
  readonly seconds: number;
  readonly method: Pick<Method, 'nodeFlags' | 'subjectCore'>;
  readonly onProgress: (line: string) => void;
}

const STAGGER_MS = 37;

/** Runs every subject at every rate. A subject that does not start gets no row and a line. */
export async function measureLowRate(options: LowRateOptions): Promise<LowRateRow[]> {
  const waiting = options.rates.flatMap((rate) => options.subjects.map((subject) => ({ subject, rate })));
  const ready: (() => Promise<LowRateRow>)[] = [];
  const stops: (() => Promise<void>)[] = [];
  try {
    for (const { subject, rate } of waiting) {
      const stage = await prepare(subject, options).catch((error: unknown) => {
        options.onProgress(`${subject.name}: ${firstLineOf(error)}`);
        return null;
      });
      if (stage === null) continue;
      stops.push(stage.stop);
      ready.push(() => stage.run(rate, options.seconds));
    }
    options.onProgress(`${ready.length} runs side by side, ${options.seconds} s`);
    // One after another by a little: all have the same schedule, and would be asked at the same moments.
    return await Promise.all(ready.map((run, index) => delay(index * STAGGER_MS).then(run)));
  } finally {
    await Promise.all(stops.map((stop) => stop()));
  }
}

async function prepare(subject: Subject, { method }: LowRateOptions) {
  const idleMs = BENCH_LIMITS.upstreamIdleMs.default;
  const upstream = await startCountingUpstream([behaviours.closeWhenIdle(idleMs)]);
  const running = await startSubject(subject, false, upstream, method).catch(async (error: unknown) => {
    await upstream.stop();
    throw error;
  });
  return {
    run: async (rate: number, seconds: number): Promise<LowRateRow> => {
      const before = upstream.connections() ?? 0;
      const { latenciesMs, ...counts } = await askOnSchedule(running.port, scheduleOf(rate, seconds));
      const { p50 = Number.NaN, p99 = Number.NaN, max } = latencyOf(Float64Array.from(latenciesMs));
      const handshakes = (upstream.connections() ?? 0) - before;
      const rounded = (ms: number) => Number(ms.toFixed(3));
      return {
        ...{ subject: subject.name, queriesPerSecond: rate, ...counts, handshakes },
        ...{ p50Ms: rounded(p50), p99Ms: rounded(p99), maxMs: rounded(max) },
      };
    },
    stop: async () => {
      await running.stop();
      await upstream.stop();
    },
  };
}
