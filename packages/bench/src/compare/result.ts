import type { SubjectKind } from '@tridot/peers';
import type { CodecResult } from '../codec/result.ts';
import type { StaticFacts } from '../facts/static-facts.ts';
import type { GateResult } from '../gate-result.ts';
import type { LowRateRow } from '../low-rate/result.ts';
import type { Environment } from '../method/environment.ts';
import type { Method, SpeedRow } from '../method/result.ts';
import type { ConformanceMatrix } from './conformance.ts';

/** A whole comparison: what `results/latest.json` holds, and what every page is made from. */
export interface Comparison {
  readonly kind: 'comparison';
  readonly effort: 'quick' | 'full';
  readonly environment: Environment;
  readonly method: Method;
  readonly upstream: string;
  /** Bytes of the Node that runs the strategies; no figure of a subject holds them. */
  readonly nodeBytes: number;
  readonly subjects: readonly ComparedSubject[];
  readonly codec: CodecResult;
  readonly rows: readonly SpeedRow[];
  readonly lowRate: LowRate;
  /** null: nothing has been graded. */
  readonly conformance: ConformanceMatrix | null;
  /** One line for each run that failed. */
  readonly failures: readonly string[];
}

/** A forwarder of the comparison. */
export interface ComparedSubject extends StaticFacts {
  readonly name: string;
  readonly kind: SubjectKind;
  readonly version: string;
  readonly gate: GateResult;
  /** By round; empty when the gate was not passed. */
  readonly firstAnswerMs: readonly number[];
  /** By round. */
  readonly idleBytes: readonly number[];
}

export interface LowRate {
  readonly seconds: number;
  /** After which the upstream closes an idle connection. */
  readonly upstreamIdleMs: number;
  readonly rows: readonly LowRateRow[];
}
