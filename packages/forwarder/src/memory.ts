/** The cache as the forwarder uses it: replies cut to length, and keys taken anew after every wait. */
import type { Cache, QueryKey } from '@tridot/cache';
import { DelayQueue, FOUND } from '@tridot/cache';
import type { Reply } from '@tridot/listener';
import type { Layout } from '@tridot/wire';
import type { Exchange } from './exchange.ts';
import type { Flight, Waiter } from './flights.ts';
import type { ForwarderLimits } from './limits.ts';
import type { UpstreamAnswer } from './port.ts';
import { fitted } from './reply.ts';
import type { Reporter } from './reporter.ts';
import type { SharedCache, SharedValue } from './shared-level.ts';

export class Memory {
  readonly cache: Cache;
  readonly #limits: ForwarderLimits;
  readonly #reporter: Reporter;
  /** Clients that will be given an old answer when the new one is not there in time. */
  readonly #impatient: DelayQueue<Waiter>;

  constructor(cache: Cache, limits: ForwarderLimits, reporter: Reporter) {
    this.cache = cache;
    this.#limits = limits;
    this.#reporter = reporter;
    this.#impatient = new DelayQueue(cache.limits.staleAfterMs, (waiter) => this.#giveStale(waiter));
  }

  /** The reply from what the cache's last look-up found, an ANSWER. */
  replyFound(exchange: Exchange, nowSeconds: number): Buffer {
    const { query, layout } = exchange;
    return this.#fit(this.cache.reply(query, layout, nowSeconds, this.#limits.udpPayloadBytes), exchange);
  }

  /** The reply from what the cache's last look-up found, STALE or EXPIRED. */
  staleFound(exchange: Exchange): Buffer {
    const { query, layout } = exchange;
    return this.#fit(this.cache.staleReply(query, layout, this.#limits.udpPayloadBytes), exchange);
  }

  /** A reply within its TTL; `null` when there is none. */
  freshReply(exchange: Exchange): Buffer | null {
    const nowSeconds = this.cache.nowSeconds();
    const found = this.cache.find(this.#keyOf(exchange), nowSeconds);
    return found === FOUND.ANSWER ? this.replyFound(exchange, nowSeconds) : null;
  }

  /** A reply past its TTL; `null` when there is none. */
  staleReply(exchange: Exchange): Buffer | null {
    const found = this.cache.find(this.#keyOf(exchange), this.cache.nowSeconds());
    return found === FOUND.STALE || found === FOUND.EXPIRED ? this.staleFound(exchange) : null;
  }

  /** Gives a client that waits for a flight the old answer when its time is up. */
  watch(waiter: Waiter): void {
    this.#impatient.push(waiter);
  }

  keep(flight: Flight, answer: UpstreamAnswer, layout: Layout, shared: SharedCache | null): void {
    const { cache } = this;
    const { message, receivedMs } = answer;
    const receivedSeconds = cache.nowSeconds(receivedMs);
    const isShared = shared?.isReady === true;
    if (!isShared && cache.keepUnread(flight.hash, flight.flags, message, layout, receivedSeconds)) return;
    const key = this.#keyOfFlight(flight);
    if (!cache.keep(key, message, layout, receivedSeconds) || !isShared) return;
    const entry = cache.exportLast();
    shared.set(key.toOctets(), entry.value, entry.lifetimeSeconds * 1000);
  }

  fail(flight: Flight): void {
    const { cache } = this;
    cache.fail(this.#keyOfFlight(flight), cache.nowSeconds(), cache.limits.maxSilenceSeconds);
  }

  sharedKey(flight: Flight): Buffer {
    return this.#keyOfFlight(flight).toOctets();
  }

  /** @returns whether the value is one, and kept now. */
  importShared(flight: Flight, { value, remainingMs }: SharedValue): boolean {
    const { cache } = this;
    const isKept = cache.importShared(
      this.#keyOfFlight(flight),
      value,
      remainingMs / 1000,
      cache.nowSeconds(),
    );
    if (isKept) cache.counters.shared++;
    return isKept;
  }

  #giveStale(waiter: Waiter): void {
    if (waiter.isSettled) return;
    try {
      const reply = this.staleReply(waiter);
      if (reply === null) return;
      this.cache.deferRetry(this.cache.nowSeconds());
      waiter.isSettled = true;
      waiter.resolve(this.#finishStale(waiter, reply));
    } catch (bug) {
      this.#reporter.internalError(bug, waiter.client);
    }
  }

  #finishStale(waiter: Waiter, reply: Buffer): Reply {
    return this.#reporter.finish('answered', 'stale', waiter, reply, null, null);
  }

  #fit(reply: Buffer, { query, layout, client }: Exchange): Buffer {
    return fitted(reply, query, layout, client.transport, this.#limits);
  }

  #keyOfFlight({ query, layout, flags, hash }: Flight): QueryKey {
    const { key } = this.cache;
    key.restore(query, layout.qnameEnd, flags, hash);
    return key;
  }

  #keyOf({ query, layout }: Exchange): QueryKey {
    const { key } = this.cache;
    key.read(query, layout);
    return key;
  }
}
