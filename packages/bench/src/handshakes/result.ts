import type { Environment } from '../method/environment.ts';

/** What one subject did in one round at one rate. */
export interface HandshakeRound {
  readonly asked: number;
  /** Answered with a failure such as SERVFAIL. */
  readonly failed: number;
  readonly unanswered: number;
  /** TCP connections that the upstream accepted, whether or not a handshake followed. */
  readonly connections: number;
  /** Complete TLS handshakes with a certificate. */
  readonly full: number;
  /** Complete TLS handshakes from a session ticket. */
  readonly resumed: number;
}

/** One subject at one rate; a round is null when the subject did not run. */
export interface HandshakeRow {
  readonly subject: string;
  readonly queriesPerSecond: number;
  readonly rounds: readonly (HandshakeRound | null)[];
}

/** One rate, and for how long it is asked. */
export interface AskedRate {
  readonly queriesPerSecond: number;
  readonly seconds: number;
}

export interface HandshakeMethod {
  readonly rates: readonly AskedRate[];
  readonly rounds: number;
  /** After which the upstream closes an idle connection. */
  readonly upstreamIdleMs: number;
  readonly subjectCore: number;
  readonly loadCore: number;
}

/** A measurement of handshakes, as it is written to a file. */
export interface HandshakeResult {
  readonly kind: 'handshakes';
  readonly environment: Environment;
  readonly method: HandshakeMethod;
  readonly subjects: readonly { readonly name: string; readonly version: string }[];
  readonly rows: readonly HandshakeRow[];
  readonly failures: readonly string[];
}
