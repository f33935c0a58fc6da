/**
 * How a query gets its answer.
 *
 *   cache ──► an answer, or a failure that is remembered: at once, without a promise
 *     │
 *     ├─► past its TTL: asked anew; the old answer if that fails or takes long
 *     │
 *     └─► nothing ──► an equal query in flight? wait for it ──► (shared cache) ──► upstream ──► cache
 */
import { type Cache, type CacheCounters, createCounters, FOUND, QueryKey } from '@tridot/cache';
import type { Reply } from '@tridot/listener';
import { errorReply, RCODE } from '@tridot/wire';
import { Asking, type AskingOptions } from './asking.ts';
import type { Exchange } from './exchange.ts';
import { Flights } from './flights.ts';
import type { ForwarderLimits } from './limits.ts';
import { Memory } from './memory.ts';
import type { Reporter } from './reporter.ts';

/** "Cached Error" (RFC 8914 §4.14). */
const EDE_CACHED_ERROR = 13;

/** Refreshes ahead of time that may be under way at once: they must not crowd out the queries of clients. */
const MAX_PREFETCHES = 256;

export interface AnswersOptions extends AskingOptions {
  readonly cache?: Cache;
  readonly coalesces?: boolean;
}

export class Answers {
  readonly counters: CacheCounters;
  readonly #asking: Asking;
  readonly #memory: Memory | null;
  readonly #flights: Flights;
  readonly #coalesces: boolean;
  readonly #key: QueryKey;
  readonly #limits: ForwarderLimits;
  readonly #reporter: Reporter;
  #prefetches = 0;

  constructor(options: AnswersOptions, limits: ForwarderLimits, reporter: Reporter) {
    const { cache = null, coalesces = true } = options;
    this.counters = cache?.counters ?? createCounters();
    this.#coalesces = coalesces;
    this.#limits = limits;
    this.#reporter = reporter;
    this.#key = cache?.key ?? new QueryKey();
    this.#flights = new Flights(coalesces);
    this.#memory = cache === null ? null : new Memory(cache, limits, reporter);
    this.#asking = new Asking(options, limits, reporter, this.#flights, this.#memory);
  }

  answer(exchange: Exchange): Reply | Promise<Reply> {
    const memory = this.#memory;
    if (memory === null && !this.#coalesces) return this.#asking.ask(exchange, null);
    if (!this.#key.read(exchange.query, exchange.layout)) {
      this.counters.bypassed++;
      return this.#asking.ask(exchange, null);
    }
    return memory === null ? this.#fly(exchange) : this.#look(exchange, memory);
  }

  #look(exchange: Exchange, memory: Memory): Reply | Promise<Reply> {
    const { cache } = memory;
    const nowSeconds = cache.nowSeconds(exchange.startedMs);
    switch (cache.lookup(this.#key, nowSeconds)) {
      case FOUND.ANSWER: {
        const reply = memory.replyFound(exchange, nowSeconds);
        if (cache.takeRefresh(nowSeconds)) this.#prefetch(exchange);
        return this.#reporter.finish('answered', 'cache', exchange, reply, null, null);
      }
      case FOUND.FAILURE:
        return this.#reporter.finish('answered', 'cache', exchange, this.#cachedError(exchange), null, null);
      case FOUND.STALE:
        return this.#reporter.finish('answered', 'stale', exchange, memory.staleFound(exchange), null, null);
      case FOUND.EXPIRED:
        return this.#flyWithStale(exchange, memory);
      default:
        return this.#fly(exchange);
    }
  }

  #fly(exchange: Exchange): Promise<Reply> {
    const flight = this.#flights.find(this.#key);
    if (flight !== null) {
      this.counters.coalesced++;
      return this.#asking.join(exchange, flight);
    }
    return this.#asking.ask(exchange, this.#flights.begin(this.#key, exchange.query, exchange.layout));
  }

  #flyWithStale(exchange: Exchange, memory: Memory): Promise<Reply> {
    let flight = this.#flights.find(this.#key);
    if (flight !== null) this.counters.coalesced++;
    const isNew = flight === null;
    flight ??= this.#flights.begin(this.#key, exchange.query, exchange.layout);
    const reply = this.#asking.joinWithStale(exchange, flight, memory);
    if (isNew) void this.#asking.refresh(flight);
    return reply;
  }

  #prefetch({ query, layout }: Exchange): void {
    if (this.#prefetches >= MAX_PREFETCHES || this.#flights.find(this.#key) !== null) return;
    this.counters.prefetched++;
    this.#prefetches++;
    void this.#asking.refresh(this.#flights.begin(this.#key, query, layout)).finally(() => {
      this.#prefetches--;
    });
  }

  #cachedError({ query, layout }: Exchange): Buffer {
    return errorReply(query, layout, RCODE.SERVFAIL, EDE_CACHED_ERROR, this.#limits.udpPayloadBytes);
  }
}
