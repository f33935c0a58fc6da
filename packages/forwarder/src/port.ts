/** What the forwarder needs of an upstream. Whoever has such a method fits; nothing is imported from there. */
import { EDE, type OutgoingQuery } from '@tridot/wire';

export interface Upstream {
  /**
   * Asks one query and waits for its response, within the upstream's own deadline.
   *
   * Rejects, when there is no response, with an error that has a one-line message and the info code to show the client
   * as `ede: number` (RFC 8914 §4).
   */
  ask(query: OutgoingQuery): Promise<UpstreamAnswer>;
}

export interface UpstreamAnswer {
  /** One whole response; its ID is arbitrary. The forwarder owns these bytes from now on and changes them. */
  readonly message: Buffer;
  /** Names the upstream in logs. */
  readonly upstream: string;
  /** When it came, by `performance.now()`, for those upstreams that know; the TTLs count from then. */
  readonly receivedMs?: number;
  /** Where the time went, for those upstreams that know. Looked at by observers alone. */
  readonly timings?: Timings;
}

/** The phases of one query at its upstream, in milliseconds. */
export interface Timings {
  readonly queueMs: number;
  readonly dialMs: number;
  readonly tlsMs: number;
  readonly waitMs: number;
  /** How TLS began on the connection that was used; `null` without one. */
  readonly tls: 'full' | 'resumed' | null;
  /** Of the connection that was used; `null` when there was none. */
  readonly connectionAgeMs: number | null;
  readonly sends: number;
}

/** The forwarder's own finding that a response cannot be shown to a client. */
export class UnusableResponseError extends Error {
  override readonly name = 'UnusableResponseError';
  readonly code = 'ERR_UNUSABLE_RESPONSE';
  readonly ede = EDE.NETWORK_ERROR;
  readonly timings: Timings | null;

  constructor(message: string, timings: Timings | null = null) {
    super(message);
    this.timings = timings;
  }
}

/** The error with the upstream whose answer cannot be used, where that is what happened. */
export function withUpstream(error: unknown, { upstream, timings }: UpstreamAnswer): unknown {
  if (!(error instanceof UnusableResponseError)) return error;
  const ageMs = timings?.connectionAgeMs ?? null;
  const age = ageMs === null ? '' : `, connection ${Math.round(ageMs)} ms old`;
  return new UnusableResponseError(`upstream ${upstream}: ${error.message} (reply${age})`, timings);
}

const TIMES: readonly (keyof Timings)[] = ['queueMs', 'dialMs', 'tlsMs', 'waitMs', 'sends'];

/** Where the time of a failed query went; `null` when its error does not say. */
export function timingsOfError(error: Error): Timings | null {
  return 'timings' in error && isTimings(error.timings) ? error.timings : null;
}

function isTimings(value: unknown): value is Timings {
  if (typeof value !== 'object' || value === null) return false;
  const entries = new Map(Object.entries(value));
  return TIMES.every((name) => typeof entries.get(name) === 'number');
}

const MAX_EDE = 0xffff;

/** The info code that an upstream's error carries; `null` when it carries none, which is no failure but a bug. */
export function edeOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('ede' in error)) return null;
  const { ede } = error;
  if (typeof ede !== 'number' || !Number.isInteger(ede) || ede < 0 || ede > MAX_EDE) return EDE.NETWORK_ERROR;
  return ede;
}
