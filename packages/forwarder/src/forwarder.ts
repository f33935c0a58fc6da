/** What a query means, from its bytes to the bytes of its reply. */
import { inspect } from 'node:util';
import { type Client, HANG_UP, type QueryHandler, type Reply } from '@tridot/listener';
import {
  buildOutgoing,
  EDE,
  errorReply,
  HEADER_BYTES,
  isResponse,
  type Layout,
  NO_EDE,
  RCODE,
  walk,
} from '@tridot/wire';
import { reject } from './accept.ts';
import { FORWARDER_LIMITS, type ForwarderLimits } from './limits.ts';
import type { ForwarderObserver, Outcome } from './observer.ts';
import { edeOf, type Upstream } from './port.ts';
import { clientReply } from './reply.ts';

export interface ForwarderOptions {
  readonly upstream: Upstream;
  /** Defaults: {@link FORWARDER_LIMITS}. */
  readonly limits?: ForwarderLimits;
  /** Without one nothing is measured, and internal errors become warnings of the process. */
  readonly observer?: ForwarderObserver;
}

export interface Forwarder {
  /** Can be handed to a listener as it is, without its object. */
  readonly handle: QueryHandler;
}

/** Makes the handler behind every listener. It has no state of its own and needs no closing. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  return new DnsForwarder(options);
}

class DnsForwarder implements Forwarder {
  readonly #upstream: Upstream;
  readonly #limits: ForwarderLimits;
  readonly #observer: ForwarderObserver | null;

  constructor(options: ForwarderOptions) {
    this.#upstream = options.upstream;
    this.#limits = options.limits ?? { udpPayloadBytes: FORWARDER_LIMITS.udpPayloadBytes.default };
    this.#observer = options.observer ?? null;
  }

  readonly handle = (query: Buffer, client: Client): Reply | Promise<Reply> => {
    const startedMs = this.#observer === null ? 0 : performance.now();
    try {
      return this.#answer(query, client, startedMs);
    } catch (bug) {
      this.#reportInternalError(bug, client);
      const reply = isQuery(query) ? this.#errorReply(query, UNREAD, RCODE.SERVFAIL, NO_EDE) : null;
      return this.#finish('failed', query, client, reply, null, bug, startedMs);
    }
  };

  #answer(query: Buffer, client: Client, startedMs: number): Reply | Promise<Reply> {
    if (!isQuery(query)) {
      const reply = client.transport === 'tcp' ? HANG_UP : null;
      return this.#finish('dropped', query, client, reply, null, null, startedMs);
    }
    const layout = walk(query);
    const rejection = reject(query, layout);
    if (rejection !== null) {
      const reply = this.#errorReply(query, layout, rejection.rcode, rejection.ede);
      return this.#finish('rejected', query, client, reply, null, null, startedMs);
    }
    // Policy, cache and coalescing belong here, in this order: they answer without asking, synchronously if they can.
    return this.#ask(query, layout, client, startedMs);
  }

  async #ask(query: Buffer, layout: Layout, client: Client, startedMs: number): Promise<Reply> {
    let upstream: string | null = null;
    try {
      const asked = buildOutgoing(query, layout);
      const answer = await this.#upstream.ask(asked);
      upstream = answer.upstream;
      const reply = clientReply(answer.message, asked, query, layout, client.transport, this.#limits);
      return this.#finish('answered', query, client, reply, upstream, null, startedMs);
    } catch (error) {
      const ede = edeOf(error);
      if (ede === null) this.#reportInternalError(error, client);
      // Whatever went wrong, it is never shown as an answer about the name (RFC 2308 §7).
      const reply = this.#errorReply(query, layout, RCODE.SERVFAIL, ede ?? EDE.NETWORK_ERROR);
      return this.#finish('failed', query, client, reply, upstream, error, startedMs);
    }
  }

  #errorReply(query: Buffer, layout: Layout, rcode: number, ede: number): Buffer {
    return errorReply(query, layout, rcode, ede, this.#limits.udpPayloadBytes);
  }

  #finish(
    outcome: Outcome,
    query: Buffer,
    client: Client,
    reply: Reply,
    upstream: string | null,
    error: unknown,
    startedMs: number,
  ): Reply {
    if (this.#observer === null) return reply;
    try {
      this.#observer.onFinished({ outcome, client, query, reply, upstream, error, startedMs });
    } catch (bug) {
      this.#reportInternalError(bug, client);
    }
    return reply;
  }

  #reportInternalError(error: unknown, client: Client): void {
    try {
      if (this.#observer === null) warn(error);
      else this.#observer.onInternalError(error, client);
    } catch (bug) {
      warn(error);
      warn(bug);
    }
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

/** The last resort: visible, and it cannot throw into the listener. */
function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : inspect(error), { code: 'ERR_FORWARDER_INTERNAL' });
}
