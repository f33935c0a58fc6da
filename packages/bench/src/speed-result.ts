import type { Environment } from './method/environment.ts';
import type { Method, SpeedRow } from './method/result.ts';

/** A measurement of speed, as it is written to a file. */
export interface SpeedResult {
  readonly kind: 'speed';
  readonly environment: Environment;
  readonly method: Method;
  readonly upstream: string;
  readonly subjects: readonly { readonly name: string; readonly version: string }[];
  readonly rows: readonly SpeedRow[];
  readonly failures: readonly string[];
}
