import type {
  CloseReason,
  RetryReason,
  Stray,
  Timings,
  UpstreamError,
  UpstreamObserver,
} from '@tridot/upstream';
import { Histogram } from './histogram.ts';
import { PhaseTimes } from './phase-times.ts';

/** From a handshake on this machine to the longest that one may take, in milliseconds. */
const HANDSHAKE_BOUNDS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500];

/** Series begin at 0, so that the first of a kind is an increase too. */
const CLOSE_REASONS: readonly CloseReason[] = [
  'idle',
  'server',
  'error',
  'stalled',
  'protocol',
  'replaced',
  'shutdown',
];
const RETRY_REASONS: readonly RetryReason[] = ['connection-lost', 'opt-refused', 'servfail'];
const STRAYS: readonly Stray[] = ['unknown-id', 'wrong-question', 'late'];

/** A count for each of a few words. */
export type Tally = Map<string, number>;

/** What happened between us and one upstream. */
export interface UpstreamCounts {
  /** Replies that it brought; one response may serve several equal queries. */
  replies: number;
  readonly opened: { full: number; resumed: number };
  /** Connections to a server that has not proved who it is. */
  unauthenticated: number;
  hedged: number;
  readonly closed: Tally;
  readonly errors: Map<string, { readonly phase: string; readonly code: string; count: number }>;
  readonly retries: Tally;
  readonly strays: Tally;
  readonly connectMs: Histogram;
  readonly handshakeMs: Histogram;
  readonly phases: PhaseTimes;
}

/** Counts what the upstreams tell. */
export class UpstreamMetrics {
  readonly upstreams = new Map<string, UpstreamCounts>();
  /** The one that replied last, which mostly is the one that replies next. */
  #lastName = '';
  #last: UpstreamCounts | null = null;

  readonly observer: UpstreamObserver = {
    connectionOpened: ({ upstream, connectMs, handshakeMs, resumed, unauthenticated }) => {
      const counts = this.#of(upstream);
      if (unauthenticated !== undefined) counts.unauthenticated++;
      counts.opened[resumed ? 'resumed' : 'full']++;
      counts.connectMs.observe(connectMs);
      counts.handshakeMs.observe(handshakeMs);
    },
    connectionClosed: ({ upstream, reason }) => increase(this.#of(upstream).closed, reason),
    dialFailed: (error) => this.#failed(error),
    queryRetried: (upstream, why) => increase(this.#of(upstream).retries, why),
    queryHedged: (upstream) => {
      this.#of(upstream).hedged++;
    },
    strayMessage: (upstream, kind) => increase(this.#of(upstream).strays, kind),
  };

  /**
   * A reply that an upstream brought. This does happen for each query.
   *
   * @param timings `null` when the reply is what another query asked for.
   * @param durationMs from the query read to its reply ready.
   */
  replied(upstream: string, timings: Timings | null, durationMs: number): void {
    if (upstream !== this.#lastName || this.#last === null) {
      this.#lastName = upstream;
      this.#last = this.#of(upstream);
    }
    this.#last.replies++;
    if (timings !== null) this.#last.phases.add(timings, durationMs);
  }

  /** A query that no upstream answered. */
  queryFailed(error: UpstreamError): void {
    // A dial that failed was counted once already, however many queries waited for it.
    if (error.phase !== 'dial' && error.phase !== 'handshake') this.#failed(error);
  }

  /** Begins the series of upstreams at 0, and ends those of others: reloads must not add up names for ever. */
  keepOnly(names: readonly string[]): void {
    for (const name of this.upstreams.keys()) {
      if (!names.includes(name) && name !== ANY_UPSTREAM) this.upstreams.delete(name);
    }
    for (const name of names) this.#of(name);
    this.#last = null;
  }

  /** An upstream brought an answer that cannot be shown to the client. */
  answerUnusable(upstream: string, code: string): void {
    this.#failed({ upstream, phase: 'reply', code });
  }

  #failed({ upstream, phase, code }: { upstream: string; phase: string; code: string }): void {
    const { errors } = this.#of(upstream);
    const key = `${phase} ${code}`;
    const known = errors.get(key);
    if (known === undefined) errors.set(key, { phase, code, count: 1 });
    else known.count++;
  }

  #of(name: string): UpstreamCounts {
    const known = this.upstreams.get(name);
    if (known !== undefined) return known;
    const counts: UpstreamCounts = {
      replies: 0,
      opened: { full: 0, resumed: 0 },
      unauthenticated: 0,
      hedged: 0,
      closed: new Map(CLOSE_REASONS.map((reason) => [reason, 0])),
      errors: new Map(),
      retries: new Map(RETRY_REASONS.map((reason) => [reason, 0])),
      strays: new Map(STRAYS.map((kind) => [kind, 0])),
      connectMs: new Histogram(HANDSHAKE_BOUNDS_MS),
      handshakeMs: new Histogram(HANDSHAKE_BOUNDS_MS),
      phases: new PhaseTimes(),
    };
    this.upstreams.set(name, counts);
    return counts;
  }
}

/** What an error calls the upstream when none in particular failed. */
const ANY_UPSTREAM = '*';

function increase(tally: Tally, word: string): void {
  tally.set(word, (tally.get(word) ?? 0) + 1);
}
