import type { Subject } from '@tridot/peers';
import { writeNames } from '../load/names.ts';
import type { LoadUpstream } from '../load/upstream.ts';
import { measureRun, warmUpQueriesOf } from './measure.ts';
import type { Measured, Method, RunFigures } from './result.ts';
import { type Scenario, titleOf } from './scenario.ts';
import { rotated } from './statistics.ts';

/** A subject in a scenario. */
export interface Pairing {
  readonly subject: Subject;
  readonly scenario: Scenario;
}

export interface RoundsOptions {
  readonly pairings: readonly Pairing[];
  readonly upstream: LoadUpstream;
  readonly method: Method;
  /** One line about each run. */
  readonly onProgress: (line: string) => void;
}

/** Runs every pairing once each round, in a rotated order. */
export async function measureRounds(options: RoundsOptions): Promise<Measured> {
  const { method, upstream } = options;
  const names = writeNames(upstream.directory, method.seconds, warmUpQueriesOf(method));
  const failures: string[] = [];
  const rows = options.pairings.map((pairing) => ({
    ...pairing,
    rounds: new Array<RunFigures | null>(method.rounds).fill(null),
  }));
  for (let round = 0; round < method.rounds; round += 1) {
    let done = 0;
    for (const row of rotated(rows, round)) {
      const { subject, scenario } = row;
      const about = `round ${round + 1}/${method.rounds} ${++done}/${rows.length} ${subject.name}: ${titleOf(scenario)}`;
      try {
        const figures = await measureRun(subject, scenario, upstream, names, method);
        row.rounds[round] = figures;
        options.onProgress(`${about}: ${inShort(figures)}`);
      } catch (error) {
        const line = `${about}: ${reasonOf(error)}`;
        failures.push(line);
        options.onProgress(line);
      }
    }
  }
  return {
    rows: rows.map(({ subject, scenario, rounds }) => ({
      subject: subject.name,
      scenario: scenario.id,
      rounds,
    })),
    failures,
  };
}

function inShort({ cpuMicros, queriesPerSecond, lost, failed }: RunFigures): string {
  const bad = lost + failed === 0 ? '' : `, ${lost} lost, ${failed} failed`;
  return `${cpuMicros.toFixed(1)} µs, ${Math.round(queriesPerSecond)} q/s${bad}`;
}

/** A subject that did not start says why in what it wrote, which stands below the first line. */
function reasonOf(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).split('\n');
  const cause = lines.slice(1).find((line) => /error|cannot|not /i.test(line));
  return [lines[0], ...(cause === undefined ? [] : [cause.trim()])].join('; ');
}
