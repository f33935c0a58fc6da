/** Why a query got no answer, as a code. */
export type UpstreamErrorCode =
  /** No answer within the query's time. */
  | 'ERR_UPSTREAM_TIMEOUT'
  /** No connection: refused, reset, no route, name not found, or no time left. */
  | 'ERR_UPSTREAM_UNREACHABLE'
  /** The TLS handshake failed, the certificate chain included. */
  | 'ERR_UPSTREAM_TLS'
  /** The certificate is good, but not one of the server that was meant. */
  | 'ERR_UPSTREAM_IDENTITY'
  /** The connection ended, or the upstreams are being closed. */
  | 'ERR_UPSTREAM_CLOSED'
  /** The server sent what is not DNS. */
  | 'ERR_UPSTREAM_PROTOCOL'
  /** Too many queries wait already. */
  | 'ERR_UPSTREAM_OVERLOADED';

/** What was being done when it failed. */
export type UpstreamPhase = 'queue' | 'dial' | 'handshake' | 'wait';

/** Extended DNS error codes of our own failures (RFC 8914 §4.23, §4.24). */
const NO_REACHABLE_AUTHORITY = 22;
const NETWORK_ERROR = 23;

interface Circumstances {
  readonly upstream: string;
  readonly phase: UpstreamPhase;
  /** Since the connection was opened, in milliseconds; absent when there was none. */
  readonly connectionAgeMs?: number;
  readonly cause?: unknown;
}

/**
 * A query, or a dial, that an upstream did not serve. The message is one line that names the upstream, the phase and, where
 * there was a connection, its age.
 */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly code: UpstreamErrorCode;
  /** The upstream's name; `*` when none in particular failed. */
  readonly upstream: string;
  readonly phase: UpstreamPhase;
  readonly connectionAgeMs: number | undefined;

  constructor(
    code: UpstreamErrorCode,
    what: string,
    { upstream, phase, connectionAgeMs, cause }: Circumstances,
  ) {
    const age = connectionAgeMs === undefined ? '' : `, connection ${Math.round(connectionAgeMs)} ms old`;
    super(
      `upstream ${upstream}: ${oneLine(what)} (${phase}${age})`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    this.upstream = upstream;
    this.phase = phase;
    this.connectionAgeMs = connectionAgeMs;
  }

  /** The extended DNS error for the client: 22 (nobody to be reached) or 23 (it broke on the way). RFC 8914 §4. */
  get ede(): number {
    const unreachable = this.code === 'ERR_UPSTREAM_UNREACHABLE' || this.code === 'ERR_UPSTREAM_TIMEOUT';
    return unreachable ? NO_REACHABLE_AUTHORITY : NETWORK_ERROR;
  }
}

/** An option of `createUpstreams` that cannot be used. The message names it, what it was and what it may be. */
export class UpstreamOptionError extends Error {
  override readonly name = 'UpstreamOptionError';
  readonly code = 'ERR_UPSTREAM_OPTION';
}

/** What a system or OpenSSL error says, without OpenSSL's file names and line ends. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('reason' in error && typeof error.reason === 'string') return error.reason;
  // A connection tried at several addresses fails with an AggregateError that says nothing itself.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join(', ');
  return error.message;
}

/** Server names and OpenSSL's texts are not ours: no line end or control octet may reach a log through them. */
function oneLine(text: string): string {
  return text
    .replace(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, 400);
}
