import type { Connection } from './connection.ts';
import { UpstreamError } from './errors.ts';
import type { UpstreamLimits } from './limits.ts';
import type { CloseReason } from './observer.ts';

/** Why queries of a connection that ended got no answer. */
export function lostError(
  upstream: string,
  connection: Connection,
  reason: CloseReason,
  { stallTimeoutMs }: UpstreamLimits,
): UpstreamError {
  const { ageMs, cause } = connection;
  const circumstances = {
    upstream,
    phase: 'wait',
    connectionAgeMs: ageMs,
    cause: cause ?? undefined,
  } as const;
  if (reason === 'stalled') {
    const what = `no answer to anything for ${stallTimeoutMs} ms`;
    return new UpstreamError('ERR_UPSTREAM_TIMEOUT', what, circumstances);
  }
  const why = cause === null ? '' : `: ${cause.message}`;
  if (reason === 'protocol')
    return new UpstreamError('ERR_UPSTREAM_PROTOCOL', `not DNS${why}`, circumstances);
  const what = cause === null ? 'connection closed by the server' : `connection lost${why}`;
  return new UpstreamError('ERR_UPSTREAM_CLOSED', what, circumstances);
}

/** A server has more queries waiting for a connection than it may. */
export function overloadedError(upstream: string): UpstreamError {
  const what = 'too many queries wait already';
  return new UpstreamError('ERR_UPSTREAM_OVERLOADED', what, { upstream, phase: 'queue' });
}
