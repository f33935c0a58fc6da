import type { FinishedQuery } from '@tridot/forwarder';
import type { QueryHandler, Transport } from '@tridot/listener';
import { presentRcode } from '../logging/presentation.ts';
import { Histogram } from './histogram.ts';
import { rcodeOfReply } from './reply-rcode.ts';

/** From an answer out of memory to the longest that a query may take, in milliseconds. */
const DURATION_BOUNDS_MS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];

const TRANSPORTS: readonly Transport[] = ['udp', 'tcp'];

/** Where each outcome is counted. */
const OUTCOMES: Readonly<Record<FinishedQuery['outcome'], number>> = {
  answered: 0,
  rejected: 1,
  failed: 2,
  dropped: 3,
};
const OUTCOME_COUNT = Object.keys(OUTCOMES).length;

/** Where each source of a reply is counted. */
const SOURCES: Readonly<Record<FinishedQuery['source'], number>> = {
  upstream: 0,
  cache: 1,
  stale: 2,
  shared: 3,
  policy: 4,
  none: 5,
};
const SOURCE_COUNT = Object.keys(SOURCES).length;

/** Rcodes counted one by one: those that are assigned (RFC 6895 §2.3), up to BADCOOKIE. */
const NAMED_RCODES = 24;
const NO_REPLY = NAMED_RCODES;
const OTHER_RCODE = NAMED_RCODES + 1;
const RCODE_SLOTS = NAMED_RCODES + 2;

export interface QueryCount {
  readonly transport: Transport;
  readonly outcome: string;
  readonly source: string;
  readonly rcode: string;
  readonly value: number;
}

/** Counts queries. This is on the way of every query, so it counts in place and allocates nothing. */
export class QueryMetrics {
  readonly durations: Readonly<Record<Transport, Histogram>> = {
    udp: new Histogram(DURATION_BOUNDS_MS),
    tcp: new Histogram(DURATION_BOUNDS_MS),
  };
  /** When an upstream last answered a query, by `performance.now()`. */
  answeredAtMs = Number.NEGATIVE_INFINITY;
  internalErrors = 0;
  #started = 0;
  #finished = 0;
  readonly #counts = new Float64Array(TRANSPORTS.length * OUTCOME_COUNT * SOURCE_COUNT * RCODE_SLOTS);

  get inFlight(): number {
    return this.#started - this.#finished;
  }

  /** Counts what a handler is given. */
  counting(handler: QueryHandler): QueryHandler {
    return (query, client) => {
      this.#started++;
      return handler(query, client);
    };
  }

  /** @param nowMs by `performance.now()`. */
  finished({ outcome, source, client, reply, startedMs }: FinishedQuery, nowMs: number): void {
    this.#finished++;
    const transport = client.transport === 'udp' ? 0 : 1;
    const slot = slotOf(transport, OUTCOMES[outcome], SOURCES[source]) + rcodeSlotOf(rcodeOfReply(reply));
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
    (transport === 0 ? this.durations.udp : this.durations.tcp).observe(nowMs - startedMs);
    if (source === 'upstream') this.answeredAtMs = nowMs;
  }

  /** Every combination that was counted, and those that have to be there before the first of their kind. */
  *counts(): Generator<QueryCount> {
    for (const [transportIndex, transport] of TRANSPORTS.entries()) {
      for (const [outcome, outcomeIndex] of Object.entries(OUTCOMES)) {
        for (const [source, sourceIndex] of Object.entries(SOURCES)) {
          const first = slotOf(transportIndex, outcomeIndex, sourceIndex);
          for (const [index, rcode] of RCODE_NAMES.entries()) {
            const value = this.#counts[first + index] ?? 0;
            if (value > 0 || isAlwaysShown(outcome, source, rcode))
              yield { transport, outcome, source, rcode, value };
          }
        }
      }
    }
  }
}

/** An increase from nothing is not seen as one, and these two are what alerts compare. */
function isAlwaysShown(outcome: string, source: string, rcode: string): boolean {
  if (outcome === 'failed') return source === 'none' && rcode === 'SERVFAIL';
  return outcome === 'answered' && source === 'upstream' && rcode === 'NOERROR';
}

/** Where the rcodes of one combination begin. */
function slotOf(transport: number, outcome: number, source: number): number {
  return ((transport * OUTCOME_COUNT + outcome) * SOURCE_COUNT + source) * RCODE_SLOTS;
}

const RCODE_NAMES: readonly string[] = Array.from({ length: RCODE_SLOTS }, (_, slot) => {
  if (slot === NO_REPLY) return 'none';
  return slot === OTHER_RCODE ? 'other' : presentRcode(slot);
});

function rcodeSlotOf(rcode: number): number {
  if (rcode < 0) return NO_REPLY;
  return rcode < NAMED_RCODES ? rcode : OTHER_RCODE;
}
