/**
 * How many handshakes a forwarder takes when it is asked seldom, and when it is asked often. Each run has a process and an
 * upstream of its own, so that all runs at low rates can be at the same time.
 *
 *   start all ──► one query each ──► idle until the upstream has closed ──► low rates side by side ──► high rate in turn
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { Subject } from '@tridot/peers';
import { BENCH_LIMITS } from '../limits.ts';
import { runDnsperf } from '../load/dnsperf.ts';
import { writeNameFile } from '../load/names.ts';
import { askOneAfterAnother } from '../load/sequential-queries.ts';
import { askOnSchedule } from '../low-rate/ask-on-schedule.ts';
import { firstLineOf } from '../method/first-line.ts';
import { startSubject } from '../method/measure.ts';
import { type HandshakeUpstream, startHandshakeUpstream } from './handshake-upstream.ts';
import { SIDE_BY_SIDE_RATE } from './options.ts';
import type { AskedRate, HandshakeMethod, HandshakeRound, HandshakeRow } from './result.ts';
import { momentsOf } from './schedule.ts';

export interface MeasureHandshakesOptions {
  readonly subjects: readonly Subject[];
  readonly method: HandshakeMethod;
  readonly onProgress: (line: string) => void;
}

export interface MeasuredHandshakes {
  readonly rows: HandshakeRow[];
  readonly failures: string[];
}

/** Between the starts of two runs: those of one round have the same schedule, and would be asked at the same moments. */
const STAGGER_MS = 37;
/** For the upstream's close to have been answered by the subject's. */
const CLOSING_MS = 500;

/** Runs every subject at every rate. A run that fails leaves a line, and the others go on. */
export async function measureHandshakes(options: MeasureHandshakesOptions): Promise<MeasuredHandshakes> {
  const { subjects, method, onProgress } = options;
  const runs = method.rates.flatMap((rate) =>
    subjects.flatMap((subject) =>
      Array.from({ length: method.rounds }, (_, round) => new Run(subject, rate, round, method)),
    ),
  );
  try {
    onProgress(`starting ${runs.length} runs`);
    for (const run of runs) await run.start();
    // Of those that answered to show that they are ready some would have a connection, and others not.
    await delay(method.upstreamIdleMs + CLOSING_MS);
    const [often = [], seldom = []] = [true, false].map((high) => runs.filter((run) => run.often === high));
    onProgress(`${seldom.length} runs side by side, ${Math.max(...seldom.map((run) => run.rate.seconds))} s`);
    await Promise.all(seldom.map((run, index) => delay(index * STAGGER_MS).then(() => run.measure())));
    for (const run of often) {
      onProgress(`${run.title}, ${run.rate.seconds} s`);
      await run.measure();
    }
  } finally {
    await Promise.all(runs.map((run) => run.stop()));
  }
  return {
    rows: method.rates.flatMap(({ queriesPerSecond }) =>
      subjects.map(({ name }) => {
        const own = runs.filter(
          (run) => run.subject.name === name && run.rate.queriesPerSecond === queriesPerSecond,
        );
        return { subject: name, queriesPerSecond, rounds: own.map((run) => run.figures) };
      }),
    ),
    failures: runs.flatMap((run) => run.failures),
  };
}

class Run {
  readonly subject: Subject;
  readonly rate: AskedRate;
  readonly failures: string[] = [];
  figures: HandshakeRound | null = null;
  readonly #round: number;
  readonly #method: HandshakeMethod;
  readonly #stops: (() => Promise<void>)[] = [];
  #ready: { readonly port: number; readonly upstream: HandshakeUpstream } | null = null;

  constructor(subject: Subject, rate: AskedRate, round: number, method: HandshakeMethod) {
    this.subject = subject;
    this.rate = rate;
    this.#round = round;
    this.#method = method;
  }

  get often(): boolean {
    return this.rate.queriesPerSecond > SIDE_BY_SIDE_RATE;
  }

  get title(): string {
    return `${this.subject.name} at ${this.rate.queriesPerSecond} queries a second, round ${this.#round + 1}`;
  }

  start(): Promise<void> {
    return this.#noting(async () => {
      const upstream = await startHandshakeUpstream(this.#method.upstreamIdleMs);
      this.#stops.unshift(() => upstream.stop());
      const running = await startSubject(this.subject, true, upstream, { ...this.#method, nodeFlags: [] });
      this.#stops.unshift(() => running.stop());
      if ((await askOneAfterAnother(running.port, 1)) !== 1) throw new Error('the first query failed');
      this.#ready = { port: running.port, upstream };
    });
  }

  measure(): Promise<void> {
    return this.#noting(async () => {
      if (this.#ready === null) return;
      const { port, upstream } = this.#ready;
      const before = upstream.counts();
      const asked = this.often ? await this.#askOften(port, upstream) : await this.#askSeldom(port);
      const after = upstream.counts();
      this.figures = {
        ...asked,
        connections: after.connections - before.connections,
        full: after.full - before.full,
        resumed: after.resumed - before.resumed,
      };
    });
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) await stop();
  }

  async #askSeldom(port: number): Promise<Asked> {
    const { asked, failed, unanswered } = await askOnSchedule(port, momentsOf(this.rate, this.#round));
    return { asked, failed, unanswered };
  }

  async #askOften(port: number, { directory }: HandshakeUpstream): Promise<Asked> {
    const { queriesPerSecond: rate, seconds } = this.rate;
    const names = writeNameFile(directory, 'h', rate * (seconds + 1));
    const { completed, lost, rcodes } = await runDnsperf({
      ...{ port, namesFile: names, seconds, rate, directory, core: this.#method.loadCore },
      clients: BENCH_LIMITS.clients.default,
      inFlight: BENCH_LIMITS.inFlight.default,
    });
    return { asked: completed + lost, failed: completed - (rcodes.NOERROR ?? 0), unanswered: lost };
  }

  async #noting(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.failures.push(`${this.title}: ${firstLineOf(error)}`);
    }
  }
}

type Asked = Pick<HandshakeRound, 'asked' | 'failed' | 'unanswered'>;
