import { isTruncated } from '@tridot/wire';
import { Backoff } from './backoff.ts';
import { DatagramSocket } from './datagram-socket.ts';
import { retryWithoutOpt } from './edns-fallback.ts';
import { reasonOf, UpstreamError, type UpstreamErrorCode } from './errors.ts';
import { Health } from './health.ts';
import { Latency } from './latency.ts';
import type { PlainServerOptions } from './options.ts';
import { isRepeatable, type PendingQuery, type Whereabouts } from './pending-query.ts';
import { createProbeQuery } from './probe-query.ts';
import { Resends } from './resends.ts';
import type { Server } from './server.ts';
import type { ServerContext } from './server-context.ts';
import type { StreamServer } from './stream-server.ts';

/** Plain DNS over UDP, with TCP for what does not fit. RFC 1035 §4.2.1, RFC 7766 §5. */
export class DatagramServer implements Server {
  readonly name: string;
  readonly latency = new Latency();
  readonly #server: PlainServerOptions;
  readonly #context: ServerContext;
  readonly #overTcp: StreamServer;
  readonly #backoff: Backoff;
  readonly #health: Health;
  readonly #resends: Resends;
  readonly #sockets = new Set<DatagramSocket>();
  readonly #socketOf = new Map<PendingQuery, DatagramSocket>();
  readonly #released = Promise.withResolvers<void>();
  #current: DatagramSocket | null = null;
  #probe: PendingQuery | null = null;
  #heardAtMs = 0;
  #closing = false;

  constructor(name: string, server: PlainServerOptions, context: ServerContext, overTcp: StreamServer) {
    this.name = name;
    this.#server = server;
    this.#context = context;
    this.#overTcp = overTcp;
    this.#backoff = new Backoff(context.limits);
    this.#health = new Health(this.#backoff);
    this.#resends = new Resends(context.limits.udpRetryMs, (pending) => this.#onSilence(pending));
  }

  get healthy(): boolean {
    return !this.#health.isOut;
  }

  get outUntilMs(): number {
    return this.#health.outUntilMs;
  }

  get failedAtMs(): number {
    return this.#health.failedAtMs;
  }

  get lastError(): UpstreamError | null {
    return this.#health.lastError;
  }

  get connections(): number {
    return this.#sockets.size + this.#overTcp.connections;
  }

  get inFlight(): number {
    return this.#socketOf.size + this.#overTcp.inFlight;
  }

  take(pending: PendingQuery): void {
    if (pending.query.message.length > this.#context.limits.udpPayloadBytes) {
      this.#overTcp.take(pending);
      return;
    }
    pending.holder = this;
    pending.setup = null;
    this.#send(pending, pending.sentMs);
  }

  abandon(pending: PendingQuery, nowMs: number): Whereabouts {
    this.latency.took(nowMs - pending.sentMs);
    this.#letGo(pending);
    return { upstream: this.name, phase: 'wait' };
  }

  probe(): void {
    if (this.#probe !== null || this.#closing) return;
    const nowMs = performance.now();
    this.#probe = createProbeQuery(nowMs);
    this.#probe.sentMs = nowMs;
    this.#send(this.#probe, nowMs);
  }

  forgive(): void {
    this.#backoff.forgive();
  }

  /** There is nothing to open before a query. */
  warmUp(): void {}

  renew(): void {}

  async close(): Promise<void> {
    this.#closing = true;
    this.#resends.stop();
    for (const socket of this.#sockets) socket.close();
    if (this.#sockets.size === 0) this.#released.resolve();
    await Promise.all([this.#released.promise, this.#overTcp.close()]);
  }

  #send(pending: PendingQuery, nowMs: number): void {
    const socket = this.#socket();
    this.#socketOf.set(pending, socket);
    socket.send(pending);
    this.#resends.add(pending, nowMs);
  }

  #socket(): DatagramSocket {
    if (this.#current?.takes === true) return this.#current;
    this.#current?.retire();
    const { host, port } = this.#server;
    const { ids, limits, observer } = this.#context;
    const socket = new DatagramSocket(host, port, ids, limits.udpPayloadBytes, {
      answered: (pending, response, nowMs) => this.#answered(pending, response, nowMs),
      stray: (kind) => observer.strayMessage?.(this.name, kind),
      failed: (error, unanswered) => this.#socketFailed(error, unanswered),
      closed: () => {
        this.#sockets.delete(socket);
        if (this.#closing && this.#sockets.size === 0) this.#released.resolve();
      },
    });
    this.#sockets.add(socket);
    this.#current = socket;
    return socket;
  }

  #answered(pending: PendingQuery, response: Buffer, nowMs: number): void {
    const { limits, observer, owner } = this.#context;
    this.#socketOf.delete(pending);
    this.#heardAtMs = nowMs;
    this.#health.answered();
    if (pending === this.#probe) {
      this.#probe = null;
      return;
    }
    pending.holder = null;
    pending.answeredMs = nowMs;
    this.latency.took(nowMs - pending.sentMs);
    const mayRepeat = isRepeatable(pending.query) && pending.sends < limits.maxSends;
    if (isTruncated(response) && mayRepeat) {
      observer.queryRetried?.(this.name, 'udp-truncated');
      pending.sentMs = nowMs;
      this.#overTcp.take(pending);
    } else if (retryWithoutOpt(response, pending, limits)) {
      observer.queryRetried?.(this.name, 'opt-refused');
      pending.sentMs = nowMs;
      this.take(pending);
    } else {
      owner.answered(pending, response, this);
    }
  }

  /** Nothing came for this query since it was sent last. */
  #onSilence(pending: PendingQuery): void {
    const { limits, observer } = this.#context;
    const socket = this.#socketOf.get(pending);
    if (socket === undefined || !isRepeatable(pending.query)) return;
    if (pending.sends < limits.maxSends && pending.wanted) {
      if (!socket.repeat(pending)) return;
      if (pending !== this.#probe) observer.queryRetried?.(this.name, 'udp-silent');
      this.#resends.add(pending, performance.now());
      return;
    }
    // It answers others, so it is this name that takes long: the query waits until its time is over.
    if (this.#heardAtMs > pending.sentMs) return;
    this.#letGo(pending);
    this.#fail('ERR_UPSTREAM_TIMEOUT', `no answer to ${pending.sends} datagrams`, undefined, [pending]);
  }

  #socketFailed(error: Error, unanswered: PendingQuery[]): void {
    for (const pending of unanswered) this.#socketOf.delete(pending);
    if (!this.#closing) this.#fail('ERR_UPSTREAM_UNREACHABLE', reasonOf(error), error, unanswered);
  }

  #fail(code: UpstreamErrorCode, what: string, cause: Error | undefined, unanswered: PendingQuery[]): void {
    const { limits, owner } = this.#context;
    const error = new UpstreamError(code, what, { upstream: this.name, phase: 'wait', cause });
    this.#health.failed(error);
    for (const pending of unanswered) {
      if (pending === this.#probe) {
        this.#probe = null;
        continue;
      }
      pending.holder = null;
      if (isRepeatable(pending.query) && pending.sends < limits.maxSends) owner.unserved(pending, error);
      else owner.failed(pending, error);
    }
  }

  #letGo(pending: PendingQuery): void {
    this.#socketOf.get(pending)?.forget(pending);
    this.#socketOf.delete(pending);
  }
}
