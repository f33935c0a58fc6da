/** What a query means, from its bytes to the bytes of its reply. */
import type { Cache, CacheCounters } from '@tridot/cache';
import { type Client, HANG_UP, type QueryHandler, type Reply } from '@tridot/listener';
import {
  errorReply,
  HEADER_BYTES,
  isResponse,
  type Layout,
  NO_EDE,
  OPCODE,
  opcodeOf,
  RCODE,
  walk,
} from '@tridot/wire';
import { reject } from './accept.ts';
import { Answers } from './answers.ts';
import type { Exchange } from './exchange.ts';
import { FORWARDER_LIMITS, type ForwarderLimits } from './limits.ts';
import type { ForwarderObserver } from './observer.ts';
import type { Policy } from './policy.ts';
import type { Upstream } from './port.ts';
import { fitted } from './reply.ts';
import { Reporter } from './reporter.ts';
import type { SharedCache } from './shared-level.ts';

export interface ForwarderOptions {
  readonly upstream: Upstream;
  /** Defaults: {@link FORWARDER_LIMITS}. */
  readonly limits?: ForwarderLimits;
  /** Without one nothing is measured, and internal errors become warnings of the process. */
  readonly observer?: ForwarderObserver;
  /** Asked before anything else, for queries of opcode QUERY. */
  readonly policy?: Policy;
  /** Without one every query is asked upstream. */
  readonly cache?: Cache;
  /** Asked on a miss, before the upstream. Needs a cache. */
  readonly shared?: SharedCache;
  /** Whether equal queries in flight are asked once. Default: true. */
  readonly coalesces?: boolean;
  /** Whether replies tell clients that sent an OPT where the time at the upstream went (RFC 8914). Default: false. */
  readonly tellsTimings?: boolean;
}

export interface Forwarder {
  /** Can be handed to a listener as it is, without its object. */
  readonly handle: QueryHandler;
  /** Those of the cache; without one, what can be counted without it. */
  readonly counters: CacheCounters;
}

/** Makes the handler behind every listener. It needs no closing. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  return new DnsForwarder(options);
}

class DnsForwarder implements Forwarder {
  readonly counters: CacheCounters;
  readonly #answers: Answers;
  readonly #limits: ForwarderLimits;
  readonly #policy: Policy | null;
  readonly #reporter: Reporter;

  constructor(options: ForwarderOptions) {
    this.#limits = options.limits ?? { udpPayloadBytes: FORWARDER_LIMITS.udpPayloadBytes.default };
    this.#policy = options.policy ?? null;
    this.#reporter = new Reporter(options.observer ?? null);
    this.#answers = new Answers(options, this.#limits, this.#reporter);
    this.counters = this.#answers.counters;
  }

  readonly handle = (query: Buffer, client: Client): Reply | Promise<Reply> => {
    const startedMs = this.#reporter.startMs();
    try {
      return this.#answer(query, client, startedMs);
    } catch (bug) {
      this.#reporter.internalError(bug, client);
      const reply = isQuery(query) ? this.#errorReply(query, UNREAD, RCODE.SERVFAIL, NO_EDE) : null;
      return this.#reporter.finish('failed', 'none', { query, client, startedMs }, reply, null, bug);
    }
  };

  #answer(query: Buffer, client: Client, startedMs: number): Reply | Promise<Reply> {
    if (!isQuery(query)) {
      const reply = client.transport === 'tcp' ? HANG_UP : null;
      return this.#reporter.finish('dropped', 'none', { query, client, startedMs }, reply, null, null);
    }
    const layout = walk(query);
    const exchange: Exchange = { query, layout, client, startedMs };
    const rejection = reject(query, layout);
    if (rejection !== null) {
      const reply = this.#errorReply(query, layout, rejection.rcode, rejection.ede);
      return this.#reporter.finish('rejected', 'none', exchange, reply, null, null);
    }
    const decided = this.#policy === null ? null : this.#decide(exchange, this.#policy);
    return decided ?? this.#answers.answer(exchange);
  }

  /** Only queries are a matter of policy: a message of another opcode is between the client and the upstream. */
  #decide(exchange: Exchange, policy: Policy): Reply {
    const { query, layout, client } = exchange;
    if (opcodeOf(query) !== OPCODE.QUERY) return null;
    const answer = policy.answer(query, layout);
    if (answer === null) return null;
    const reply = fitted(answer, query, layout, client.transport, this.#limits);
    return this.#reporter.finish('answered', 'policy', exchange, reply, null, null);
  }

  #errorReply(query: Buffer, layout: Layout, rcode: number, ede: number): Buffer {
    return errorReply(query, layout, rcode, ede, this.#limits.udpPayloadBytes);
  }
}

/** A response must never be answered, or two forwarders could send each other errors for ever. */
function isQuery(message: Buffer): boolean {
  return message.length >= HEADER_BYTES && !isResponse(message);
}

/** For an error reply to a query of which nothing but the header is to be trusted. */
const UNREAD: Layout = {
  fault: null,
  qnameEnd: HEADER_BYTES,
  questionEnd: HEADER_BYTES,
  end: HEADER_BYTES,
  optOffset: -1,
  optEnd: -1,
  signed: false,
};
