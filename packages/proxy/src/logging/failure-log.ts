import type { ConnectionClosed, UpstreamObserver } from '@tridot/upstream';
import type { Denial } from '../admission/admission.ts';
import { codeOf, messageOf } from '../failures.ts';
import type { Logger } from './log.ts';
import { oneLine } from './one-line.ts';
import { createRepeatedCauses } from './repeated-causes.ts';

/** Tells what goes wrong between us and the upstreams: one line for each cause, then how often it came again. */
export interface FailureLog {
  /** To be told by the upstreams. */
  readonly observer: UpstreamObserver;
  /** A query that got no response. */
  queryFailed(error: unknown): void;
  /**
   * A query that was not let through.
   *
   * @param client what may be told of the client's address.
   */
  clientDenied(denial: Denial, client: string | undefined): void;
  /** Upstreams that say different things; one line with the cause, which may name what was asked. */
  disagreed(line: string): void;
  /** Something that only a mistake of ours can cause. */
  internalError(error: unknown): void;
  /** Writes what was only counted so far. */
  flush(): void;
}

/** @param intervalMs how long the same cause is only counted, in milliseconds. */
export function createFailureLog(logger: Logger, intervalMs: number): FailureLog {
  const causes = createRepeatedCauses(intervalMs);
  const failing = new Set<string>();

  // The age of a connection differs each time; the cause is the same.
  function warn(text: string, code: string | undefined, cause = text.replace(/\d+ ms\b/g, '')): void {
    const line = oneLine(text);
    causes.happened(cause, (more) => logger.warn({ code, ...repeated(more) }, `${line}${moreLike(more)}`));
  }

  return {
    observer: {
      dialFailed(error) {
        failing.add(error.upstream);
        warn(error.message, error.code);
      },
      connectionOpened({ upstream, protocol, resumed, connectMs, handshakeMs, unauthenticated }) {
        if (unauthenticated !== undefined) {
          warn(`upstream ${upstream}: encrypted, but nobody knows to whom: ${unauthenticated}`, undefined);
        }
        const how = `${protocol}, ${resumed ? 'resumed, ' : ''}${Math.round(connectMs + handshakeMs)} ms`;
        if (failing.delete(upstream))
          logger.info({}, oneLine(`upstream ${upstream}: reached again (${how})`));
        else logger.debug({}, oneLine(`upstream ${upstream}: connected (${how})`));
      },
      clientCertificateRead({ certFile, problem }) {
        if (problem === null) logger.info({}, oneLine(`client certificate ${certFile}: read again`));
        else warn(`client certificate ${certFile}: the old one stays: ${problem}`, undefined);
      },
      connectionClosed(event) {
        const line = closedLine(event);
        if (FAULTS.has(event.reason)) warn(line, codeOf(event.cause), `${event.upstream} ${event.reason}`);
        else logger.debug({}, oneLine(line));
      },
    },
    queryFailed: (error) => warn(messageOf(error), codeOf(error)),
    disagreed: (line) => warn(line, undefined),
    clientDenied(denial, client) {
      const line = `${client === undefined ? 'a client' : `client ${client}`} ${DENIALS[denial]}`;
      causes.happened(denial, (more) => logger.warn(repeated(more), `${line}${moreLike(more)}`));
    },
    internalError(error) {
      const line = oneLine(`internal error: ${messageOf(error)}`);
      causes.happened(line, (more) => logger.error(repeated(more), `${line}${moreLike(more)}`));
    },
    flush: () => causes.flush(),
  };
}

const DENIALS: Readonly<Record<Denial, string>> = {
  'not-allowed': 'is outside the ranges of --allow: its queries are not answered',
  'rate-limited': 'is over the rate of --rate-limit-queries-per-second',
};

/** Ends of a connection that its owner should know of. Servers close idle connections all the time. */
const FAULTS: ReadonlySet<ConnectionClosed['reason']> = new Set(['stalled', 'protocol', 'error']);

function closedLine({ upstream, reason, ageMs, sent, answered, lost, cause }: ConnectionClosed): string {
  const why = cause === null ? reason : `${reason}: ${cause.message}`;
  const rest = lost === 0 ? '' : `, ${lost} in flight`;
  return `upstream ${upstream}: connection closed (${why}) after ${Math.round(ageMs)} ms, ${answered} of ${sent} queries answered${rest}`;
}

function repeated(more: number): { more?: number } {
  return more === 0 ? {} : { more };
}

function moreLike(more: number): string {
  return more === 0 ? '' : ` … ${more} more like this`;
}
