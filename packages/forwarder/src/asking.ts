/** Asks the upstream for one query and for all who wait for the same answer. */
import type { Reply } from '@tridot/listener';
import { buildOutgoing, EDE, errorReply, type Layout, RCODE, rcodeOf } from '@tridot/wire';
import type { Exchange } from './exchange.ts';
import type { Flight, Flights, Waiter } from './flights.ts';
import type { ForwarderLimits } from './limits.ts';
import type { Memory } from './memory.ts';
import { edeOf, type Upstream, type UpstreamAnswer, withUpstream } from './port.ts';
import { clientReply, readResponse } from './reply.ts';
import type { Reporter } from './reporter.ts';
import type { SharedCache } from './shared-level.ts';
import { tellAnswer, tellFailure } from './told-timings.ts';

export interface AskingOptions {
  readonly upstream: Upstream;
  readonly shared?: SharedCache;
  /** Whether replies tell clients that can take it where the time went. Default: false. */
  readonly tellsTimings?: boolean;
}

export class Asking {
  readonly #upstream: Upstream;
  readonly #shared: SharedCache | null;
  readonly #limits: ForwarderLimits;
  readonly #reporter: Reporter;
  readonly #flights: Flights;
  readonly #memory: Memory | null;
  readonly #tellsTimings: boolean;

  constructor(
    { upstream, shared, tellsTimings = false }: AskingOptions,
    limits: ForwarderLimits,
    reporter: Reporter,
    flights: Flights,
    memory: Memory | null,
  ) {
    this.#upstream = upstream;
    this.#shared = memory === null ? null : (shared ?? null);
    this.#limits = limits;
    this.#reporter = reporter;
    this.#flights = flights;
    this.#memory = memory;
    this.#tellsTimings = tellsTimings;
  }

  /**
   * Asks for a client's query.
   *
   * @param flight what others may join; `null` when nobody may.
   */
  async ask(exchange: Exchange, flight: Flight | null): Promise<Reply> {
    let answer: UpstreamAnswer | null = null;
    try {
      if (
        flight !== null &&
        this.#shared?.isReady === true &&
        (await this.#askShared(flight, this.#shared))
      ) {
        const reply = this.#memory?.freshReply(exchange) ?? null;
        if (reply !== null) return this.#reporter.finish('answered', 'shared', exchange, reply, null, null);
      }
      const { query, layout, client } = exchange;
      const asked = buildOutgoing(query, layout);
      answer = await this.#upstream.ask(asked);
      const found = readResponse(answer.message, asked);
      if (flight !== null) this.#land(flight, answer, found);
      let reply = clientReply(answer.message, found, asked, query, layout, client.transport, this.#limits);
      if (this.#tellsTimings) reply = tellAnswer(reply, exchange, answer, true, this.#limits);
      return this.#reporter.finish('answered', 'upstream', exchange, reply, answer.upstream, null, answer);
    } catch (thrown) {
      const error = answer === null ? thrown : withUpstream(thrown, answer);
      if (flight !== null && !flight.hasLanded) this.#crash(flight, error);
      return this.#failed(exchange, answer?.upstream ?? null, error, answer);
    }
  }

  /** Asks on nobody's behalf, so that the cache has the answer and those who join get it. Never rejects. */
  async refresh(flight: Flight): Promise<void> {
    let answer: UpstreamAnswer | null = null;
    try {
      const asked = buildOutgoing(flight.query, flight.layout);
      answer = await this.#upstream.ask(asked);
      this.#land(flight, answer, readResponse(answer.message, asked));
    } catch (thrown) {
      const error = answer === null ? thrown : withUpstream(thrown, answer);
      if (edeOf(error) === null) this.#reporter.internalError(error, null);
      if (!flight.hasLanded) this.#crash(flight, error);
    }
  }

  /** Has a query wait for a flight. */
  join(exchange: Exchange, flight: Flight): Promise<Reply> {
    return new Promise((resolve) => {
      flight.waiters ??= [];
      flight.waiters.push({ ...exchange, resolve, isSettled: false });
    });
  }

  /** Like {@link join} for a query that an old answer is at hand for: it gets that when the new one takes long. */
  joinWithStale(exchange: Exchange, flight: Flight, memory: Memory): Promise<Reply> {
    return new Promise((resolve) => {
      const waiter: Waiter = { ...exchange, resolve, isSettled: false };
      flight.waiters ??= [];
      flight.waiters.push(waiter);
      memory.watch(waiter);
    });
  }

  /** @returns whether the cache has a fresh answer now. */
  async #askShared(flight: Flight, shared: SharedCache): Promise<boolean> {
    const memory = this.#memory;
    if (memory === null) return false;
    const found = await shared.get(memory.sharedKey(flight));
    if (found === null || !memory.importShared(flight, found)) return false;
    for (const waiter of this.#flights.land(flight)) {
      if (waiter.isSettled) continue;
      const reply = memory.freshReply(waiter);
      this.#settle(waiter, this.#reporter.finish('answered', 'shared', waiter, reply, null, null));
    }
    return true;
  }

  #land(flight: Flight, answer: UpstreamAnswer, found: Layout): void {
    this.#memory?.keep(flight, answer, found, this.#shared);
    for (const waiter of this.#flights.land(flight)) {
      if (!waiter.isSettled) this.#settle(waiter, this.#replyTo(waiter, answer));
    }
  }

  #replyTo(waiter: Waiter, answer: UpstreamAnswer): Reply {
    const { message, upstream } = answer;
    try {
      // "If data is unavailable", and SERVFAIL says just that, old data is better (RFC 8767 §5).
      const stale = rcodeOf(message) === RCODE.SERVFAIL ? this.#memory?.staleReply(waiter) : null;
      if (stale) return this.#reporter.finish('answered', 'stale', waiter, stale, null, null);
      const { query, layout, client } = waiter;
      const copy = Buffer.from(message);
      const asked = buildOutgoing(query, layout);
      const found = readResponse(copy, asked);
      let reply = clientReply(copy, found, asked, query, layout, client.transport, this.#limits);
      if (this.#tellsTimings) reply = tellAnswer(reply, waiter, answer, false, this.#limits);
      return this.#reporter.finish('answered', 'upstream', waiter, reply, upstream, null);
    } catch (error) {
      return this.#failed(waiter, upstream, withUpstream(error, answer));
    }
  }

  /** The failure of one is the failure of all, except those that an old answer is at hand for. */
  #crash(flight: Flight, error: unknown): void {
    try {
      if (edeOf(error) !== null) this.#memory?.fail(flight);
      for (const waiter of this.#flights.land(flight)) {
        if (waiter.isSettled) continue;
        const stale = this.#memory?.staleReply(waiter);
        const reply = stale
          ? this.#reporter.finish('answered', 'stale', waiter, this.#told(stale, waiter, error), null, error)
          : this.#failed(waiter, null, error);
        this.#settle(waiter, reply);
      }
    } catch (bug) {
      this.#reporter.internalError(bug, null);
    }
  }

  #settle(waiter: Waiter, reply: Reply): void {
    waiter.isSettled = true;
    waiter.resolve(reply);
  }

  /** @param answer what was asked for this very query and cannot be used. */
  #failed(
    exchange: Exchange,
    upstream: string | null,
    error: unknown,
    answer: UpstreamAnswer | null = null,
  ): Reply {
    const { query, layout, client } = exchange;
    const ede = edeOf(error);
    if (ede === null) this.#reporter.internalError(error, client);
    // Whatever went wrong, it is never shown as an answer about the name (RFC 2308 §7).
    const shown = ede ?? EDE.NETWORK_ERROR;
    const reply = errorReply(query, layout, RCODE.SERVFAIL, shown, this.#limits.udpPayloadBytes);
    const told = this.#told(reply, exchange, error);
    return this.#reporter.finish('failed', 'none', exchange, told, upstream, error, answer);
  }

  /** A mistake of ours is for the log alone. */
  #told(reply: Buffer, exchange: Exchange, error: unknown): Buffer {
    if (!this.#tellsTimings || edeOf(error) === null) return reply;
    return tellFailure(reply, exchange, error, this.#limits);
  }
}
