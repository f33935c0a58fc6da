import type { TLSSocket } from 'node:tls';
import {
  answersQuestion,
  FrameParser,
  framedLength,
  HEADER_BYTES,
  messageId,
  writeFramed,
} from '@tridot/wire';
import type { UpstreamLimits } from './limits.ts';
import type { MessageIds } from './message-ids.ts';
import type { CloseReason, Stray } from './observer.ts';
import { isRepeatable, type PendingQuery, type QueryHolder, type Whereabouts } from './pending-query.ts';

/** What a connection tells the server that it belongs to. */
export interface ConnectionOwner {
  /** For errors. */
  readonly name: string;
  /** A response that belongs to this query. The query may be settled already: then the response is late. */
  answered(connection: Connection, pending: PendingQuery, response: Buffer): void;
  stray(kind: Stray): void;
  /** It can take queries again, or has used up its budget and owes nothing. */
  eased(connection: Connection): void;
  /** It takes no more queries and stays only for those that cannot be asked again; the others are given back. */
  stalled(connection: Connection, unsent: PendingQuery[], unanswered: PendingQuery[]): void;
  /** It takes and answers nothing any more. The queries were never written, or were written and got no answer. */
  ended(
    connection: Connection,
    reason: CloseReason,
    unsent: PendingQuery[],
    unanswered: PendingQuery[],
  ): void;
}

/** Frames of one write share TLS records, and none is spread over two as long as the write fits into one (RFC 7858 §3.3). */
const TLS_RECORD_BYTES = 16_384;

/**
 * One authenticated connection with any number of queries in flight. Queries of one turn of the event loop leave in one
 * write; responses are matched by message ID and question, in whatever order they come. RFC 7766 §6.2.1.1, §7.
 */
export class Connection implements QueryHolder {
  readonly openedAtMs = performance.now();
  /** Queries given to this connection, and responses that were theirs. */
  sent = 0;
  answered = 0;
  /** How many queries the server was seen to answer before it closes. */
  budget: number;
  /** What broke it, if an error did. */
  cause: Error | null = null;

  readonly #socket: TLSSocket;
  readonly #limits: UpstreamLimits;
  readonly #ids: MessageIds;
  readonly #owner: ConnectionOwner;
  readonly #idleMs: () => number;
  readonly #parser = new FrameParser();
  /** By message ID: what was written and not answered, given-up queries included, since their IDs stay in use. */
  readonly #inFlight = new Map<number, PendingQuery>();
  #outbox: PendingQuery[] = [];
  #flushing = false;
  /** Queries in the outbox or in flight that somebody still waits for. */
  #owed = 0;
  #late = 0;
  #strays = 0;
  #replaced = false;
  #ended = false;
  /** Since when it owes an answer and has brought none; since when it owes none. */
  #sinceMs = this.openedAtMs;
  /** How long it had been idle when it last began to owe, and how much it had answered by then. */
  #idleBeforeMs = 0;
  #answeredBefore = 0;
  /** When the octets that are being read came. */
  #nowMs = 0;
  #watch: NodeJS.Timeout;

  constructor(
    socket: TLSSocket,
    limits: UpstreamLimits,
    ids: MessageIds,
    owner: ConnectionOwner,
    /** The server's idle window, which may change while the connection lives. */
    idleMs: () => number,
    budget: number,
  ) {
    this.#socket = socket;
    this.#limits = limits;
    this.#ids = ids;
    this.#owner = owner;
    this.#idleMs = idleMs;
    this.budget = budget;
    socket.on('data', this.#onData);
    socket.on('drain', () => this.#owner.eased(this));
    socket.once('end', () => this.#end('server'));
    socket.once('error', (error) => {
      this.cause ??= error;
      this.#end('error');
    });
    socket.once('close', () => this.#end('server'));
    this.#watch = setTimeout(this.#look, this.#untilNextLook());
  }

  get ageMs(): number {
    return performance.now() - this.openedAtMs;
  }

  /** Queries that somebody waits for. */
  get owed(): number {
    return this.#owed;
  }

  /** If it ended now, after how long of idleness that was; `null` when it was at work. */
  get idleMs(): number | null {
    if (this.#owed === 0) return performance.now() - this.#sinceMs;
    return this.answered === this.#answeredBefore ? this.#idleBeforeMs : null;
  }

  /** Whether `send` may be called now. */
  get takes(): boolean {
    return (
      !this.#replaced &&
      !this.#ended &&
      this.sent < this.budget &&
      this.#inFlight.size + this.#outbox.length < this.#limits.maxInFlightPerConnection &&
      this.#socket.writableLength <= this.#limits.maxQueuedBytes
    );
  }

  send(pending: PendingQuery): void {
    pending.holder = this;
    this.sent++;
    if (this.#owed++ === 0) {
      const now = performance.now();
      this.#idleBeforeMs = now - this.#sinceMs;
      this.#answeredBefore = this.answered;
      this.#sinceMs = now;
    }
    this.#outbox.push(pending);
    if (this.#flushing) return;
    this.#flushing = true;
    // After the poll phase: all datagrams that one turn of the event loop brought are in the outbox by then.
    setImmediate(this.#flush);
  }

  /** A given-up query's ID stays in use until the answer comes or the connection goes (RFC 7766 §7). */
  abandon(): Whereabouts {
    const where = { upstream: this.#owner.name, phase: 'wait', connectionAgeMs: this.ageMs } as const;
    this.#late++;
    this.#owed--;
    if (this.#late > this.#limits.maxLateAnswers) this.#replaced = true;
    if (this.#owed === 0) {
      this.#sinceMs = performance.now();
      this.#rested();
    }
    return where;
  }

  /** The idle window has become shorter. */
  lookSooner(): void {
    clearTimeout(this.#watch);
    if (!this.#ended) this.#watch = setTimeout(this.#look, this.#untilNextLook());
  }

  /** It takes no more queries, and closes once it owes nothing. */
  get replaced(): boolean {
    return this.#replaced;
  }

  replace(): void {
    this.#replaced = true;
    if (this.#owed === 0) this.close('replaced');
  }

  /** Ends it in order (close_notify), or at once if the server does not read. What it owes is given back. */
  close(reason: CloseReason): void {
    this.#end(reason);
  }

  readonly #flush = (): void => {
    this.#flushing = false;
    const outbox = this.#outbox;
    this.#outbox = [];
    let first = 0;
    while (first < outbox.length && !this.#ended) first = this.#writeFrom(outbox, first);
  };

  /** Writes as many queries as fit into one TLS record, at least one, and returns where the next ones begin. */
  #writeFrom(outbox: PendingQuery[], first: number): number {
    const { padBlockBytes } = this.#limits;
    let bytes = 0;
    let next = first;
    for (; next < outbox.length; next++) {
      const pending = outbox[next];
      if (pending === undefined || pending.settled) continue;
      const length = framedLength(pending.query, padBlockBytes);
      if (bytes > 0 && bytes + length > TLS_RECORD_BYTES) break;
      bytes += length;
    }
    const frames = Buffer.allocUnsafe(bytes);
    let offset = 0;
    for (let index = first; index < next; index++) {
      const pending = outbox[index];
      if (pending === undefined) continue;
      if (pending.settled) {
        this.#late--;
        continue;
      }
      const id = this.#ids.next(this.#inFlight);
      this.#inFlight.set(id, pending);
      pending.sends++;
      offset = writeFramed(pending.query, frames, offset, id, padBlockBytes);
    }
    if (bytes > 0) this.#socket.write(frames);
    return next;
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#nowMs = performance.now();
    this.#parser.push(chunk, this.#onMessage);
  };

  readonly #onMessage = (response: Buffer): void => {
    if (this.#ended) return;
    if (response.length < HEADER_BYTES) {
      this.cause = new Error(`a frame of ${response.length} octets`);
      this.close('protocol');
      return;
    }
    const id = messageId(response);
    const pending = this.#inFlight.get(id);
    if (pending === undefined) {
      this.#stray('unknown-id');
      return;
    }
    if (!answersQuestion(response, pending.query)) {
      this.#stray('wrong-question');
      return;
    }
    const wasFull = this.#inFlight.size + this.#outbox.length >= this.#limits.maxInFlightPerConnection;
    this.#inFlight.delete(id);
    this.#strays = 0;
    this.answered++;
    if (pending.settled || pending.holder !== this) {
      this.#late--;
      this.#owner.stray('late');
    } else {
      pending.holder = null;
      this.#sinceMs = this.#nowMs;
      this.#owed--;
      this.#owner.answered(this, pending, response);
      if (this.#owed === 0) this.#rested();
    }
    if (wasFull) this.#owner.eased(this);
  };

  #stray(kind: Stray): void {
    this.#owner.stray(kind);
    if (++this.#strays <= this.#limits.maxMismatches) return;
    this.cause = new Error(`${this.#strays} messages in a row that answer no query`);
    this.close('protocol');
  }

  /** It owes nothing now. */
  #rested(): void {
    if (this.#ended) return;
    if (this.#replaced) this.close('replaced');
    else if (this.sent >= this.budget) this.#owner.eased(this);
  }

  /** One timer for the life of the connection sees both that it is idle and that it is stalled. */
  readonly #look = (): void => {
    const forMs = performance.now() - this.#sinceMs + 1;
    if (this.#owed === 0 && forMs >= this.#idleMs()) this.close('idle');
    else if (this.#owed > 0 && forMs >= this.#limits.stallTimeoutMs) this.#stall();
    if (!this.#ended) this.#watch = setTimeout(this.#look, this.#untilNextLook());
  };

  /** Never later than the shorter of both limits, so that going idle or to work between two looks needs no new timer. */
  #untilNextLook(): number {
    const { stallTimeoutMs } = this.#limits;
    const idleMs = this.#idleMs();
    const forMs = performance.now() - this.#sinceMs;
    const leftMs = (this.#owed > 0 ? stallTimeoutMs : idleMs) - forMs;
    return Math.max(1, Math.min(leftMs, stallTimeoutMs, idleMs));
  }

  /** What can be asked again goes elsewhere; the rest keeps the connection open until it is given up. */
  #stall(): void {
    const unanswered = this.#owing().filter((pending) => isRepeatable(pending.query));
    const unsent = this.#outbox.filter((pending) => !pending.settled);
    if (unanswered.length + unsent.length === this.#owed) {
      this.close('stalled');
      return;
    }
    this.#replaced = true;
    this.#outbox = [];
    this.#owed -= unanswered.length + unsent.length;
    this.#late += unanswered.length;
    this.#sinceMs = performance.now();
    for (const pending of unanswered) pending.holder = null;
    for (const pending of unsent) pending.holder = null;
    this.#owner.stalled(this, unsent, unanswered);
  }

  #owing(): PendingQuery[] {
    return [...this.#inFlight.values()].filter((pending) => !pending.settled && pending.holder === this);
  }

  #end(reason: CloseReason): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#watch);
    const unsent = this.#outbox.filter((pending) => !pending.settled);
    const unanswered = this.#owing();
    this.#outbox = [];
    this.#inFlight.clear();
    for (const pending of unsent) pending.holder = null;
    for (const pending of unanswered) pending.holder = null;
    this.#owner.ended(this, reason, unsent, unanswered);
    this.#letGo(reason !== 'stalled' && reason !== 'error' && this.#socket.writableLength === 0);
  }

  #letGo(orderly: boolean): void {
    const socket = this.#socket;
    if (!orderly || socket.destroyed) {
      socket.destroy();
      return;
    }
    // What still comes is thrown away; it must be read all the same, so that the server's end is seen.
    socket.off('data', this.#onData);
    socket.resume();
    const timer = setTimeout(() => socket.destroy(), this.#limits.closeTimeoutMs);
    socket.once('close', () => clearTimeout(timer));
    socket.destroySoon();
  }
}
