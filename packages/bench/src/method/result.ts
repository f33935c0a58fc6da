import type { LatencyFigures } from '../load/figures.ts';
import type { Scenario } from './scenario.ts';

/** How runs are made; the same for all runs of a measurement. */
export interface Method {
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Queries of the warm-up at most, where they are not as many as everywhere. */
  readonly warmUpQueries?: number;
  readonly rounds: number;
  readonly clients: number;
  readonly inFlight: number;
  /** Connections at the same time where each query has its own. */
  readonly connections: number;
  /** Queries a second in the fixed-rate scenarios. */
  readonly fixedRate: number;
  readonly subjectCore: number;
  readonly loadCore: number;
  readonly nodeFlags: readonly string[];
}

/** What one run came to. */
export interface RunFigures {
  /** User and system time of the subject's process for each completed query, in microseconds. */
  readonly cpuMicros: number;
  readonly queriesPerSecond: number;
  readonly completed: number;
  readonly lost: number;
  /** Responses whose rcode was not NOERROR. */
  readonly failed: number;
  readonly latencyMs: LatencyFigures;
  readonly residentBytes: number;
  readonly peakResidentBytes: number;
}

/** All runs of one subject in one scenario. */
export interface SpeedRow {
  readonly subject: string;
  readonly scenario: Scenario['id'];
  /** By round; null where the run failed. */
  readonly rounds: readonly (RunFigures | null)[];
}

/** What rounds came to. */
export interface Measured {
  readonly rows: readonly SpeedRow[];
  /** One line for each run that failed. */
  readonly failures: readonly string[];
}
