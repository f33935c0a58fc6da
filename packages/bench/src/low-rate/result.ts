/** One subject at one rate. */
export interface LowRateRow {
  readonly subject: string;
  readonly queriesPerSecond: number;
  readonly asked: number;
  readonly failed: number;
  readonly unanswered: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Connections that the upstream accepted: each is a TLS handshake. */
  readonly handshakes: number;
}
