import { answersQuestion, FrameParser, HEADER_BYTES, messageId } from '@tridot/wire';
import { Activity } from './activity.ts';
import type { ConnectionOwner } from './connection-owner.ts';
import type { Dialled } from './dialler.ts';
import { InFlightTable } from './in-flight-table.ts';
import type { UpstreamLimits } from './limits.ts';
import type { MessageIds } from './message-ids.ts';
import type { CloseReason, Stray } from './observer.ts';
import { endSocket } from './orderly-end.ts';
import { Outbox } from './outbox.ts';
import { isRepeatable, type PendingQuery, type QueryHolder, type Whereabouts } from './pending-query.ts';
import { createProbeQuery } from './probe-query.ts';
import type { Setup } from './timings.ts';

/**
 * One connection with any number of queries in flight. Responses are matched by message ID and question, in whatever order
 * they come. RFC 7766 §6.2.1.1, §7.
 */
export class Connection implements QueryHolder {
  readonly setup: Setup;
  /** Queries given to this connection, and responses that were theirs. */
  sent = 0;
  answered = 0;
  /** How many queries the server was seen to answer before it closes. */
  budget: number;
  /** What broke it, if an error did. */
  cause: Error | null = null;

  readonly #socket: Dialled['socket'];
  readonly #limits: UpstreamLimits;
  readonly #ids: MessageIds;
  readonly #owner: ConnectionOwner;
  readonly #parser = new FrameParser();
  readonly #activity: Activity;
  readonly #outbox: Outbox;
  /** By message ID: what was written and not answered, given-up queries included, since their IDs stay in use. */
  readonly #inFlight = new InFlightTable();
  #probe: PendingQuery | null = null;
  #late = 0;
  #strays = 0;
  #replaced = false;
  #ended = false;
  /** When the octets that are being read came. */
  #nowMs = 0;

  constructor(
    { socket, setup }: Pick<Dialled, 'socket' | 'setup'>,
    limits: UpstreamLimits,
    ids: MessageIds,
    owner: ConnectionOwner,
    budget: number,
  ) {
    this.#socket = socket;
    this.setup = setup;
    this.#limits = limits;
    this.#ids = ids;
    this.#owner = owner;
    this.budget = budget;
    this.#outbox = new Outbox(socket, limits.padBlockBytes, {
      numbered: (pending) => this.#numbered(pending),
      skipped: () => {
        this.#late--;
      },
    });
    this.#activity = new Activity(setup.securedMs, limits.stallTimeoutMs, {
      idleMs: () => owner.idleWindowMs,
      onIdle: () => owner.idle(this),
      onSilent: () => this.probe(),
      onStalled: () => this.#stall(),
    });
    socket.on('data', this.#onData);
    socket.on('drain', () => owner.eased(this));
    socket.once('end', () => this.#end('server'));
    socket.once('error', (error) => {
      this.cause ??= error;
      this.#end('error');
    });
    socket.once('close', () => this.#end('server'));
  }

  get ageMs(): number {
    return performance.now() - this.setup.securedMs;
  }

  /** Queries that somebody waits for. */
  get owed(): number {
    return this.#activity.owed;
  }

  /** If it ended now, after how long of idleness that was; `null` when it was at work. */
  get idleMs(): number | null {
    return this.#activity.idleMs;
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

  /** To be called with `pending.sentMs` set to now. */
  send(pending: PendingQuery): void {
    pending.holder = this;
    pending.setup = this.setup;
    const { maxQueriesPerConnection } = this.#limits;
    if (++this.sent === maxQueriesPerConnection) this.#replaced = true;
    this.#activity.asked(pending.sentMs);
    this.#outbox.add(pending);
  }

  /** Asks a question of our own, to see whether the server answers. */
  probe(): void {
    if (this.#ended || this.#probe !== null) return;
    const nowMs = performance.now();
    this.#probe = createProbeQuery(nowMs);
    this.#activity.asked(nowMs);
    this.#outbox.add(this.#probe);
  }

  /** A given-up query's ID stays in use until the answer comes or the connection goes (RFC 7766 §7). */
  abandon(pending: PendingQuery, nowMs: number): Whereabouts {
    const where = {
      upstream: this.#owner.name,
      phase: 'wait',
      connectionAgeMs: nowMs - this.setup.securedMs,
    } as const;
    this.#late++;
    this.#owner.gaveUp(nowMs - pending.sentMs);
    // One that brought nothing at all since is not tried with another query.
    const silent = this.#activity.silentSince(pending.sentMs);
    this.#activity.dropped(1, nowMs);
    if (silent || this.#late > this.#limits.maxLateAnswers) this.#replaced = true;
    if (this.owed === 0) this.#rested();
    return where;
  }

  /** The idle window has become shorter. */
  lookSooner(): void {
    this.#activity.lookSooner();
  }

  /** It takes no more queries, and closes once it owes nothing. */
  get replaced(): boolean {
    return this.#replaced;
  }

  replace(): void {
    this.#replaced = true;
    if (this.owed === 0) this.close('replaced');
  }

  /** Ends it in order (close_notify), or at once if the server does not read. What it owes is given back. */
  close(reason: CloseReason): void {
    this.#end(reason);
  }

  /** Whether it owes the answer to a probe. */
  get probing(): boolean {
    return this.#probe !== null;
  }

  #numbered(pending: PendingQuery): number {
    const id = this.#ids.next(this.#inFlight);
    this.#inFlight.set(id, pending);
    pending.sends++;
    return id;
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
    if (pending === null) {
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
    if (pending === this.#probe) {
      this.#proved();
    } else if (pending.settled || pending.holder !== this) {
      this.#late--;
      this.answered++;
      this.#activity.heardLate(this.#nowMs);
      this.#owner.stray('late');
    } else {
      this.answered++;
      pending.holder = null;
      pending.answeredMs = this.#nowMs;
      this.#activity.answered(this.#nowMs);
      this.#owner.answered(this, pending, response);
      if (this.owed === 0) this.#rested();
    }
    if (wasFull) this.#owner.eased(this);
  };

  #proved(): void {
    this.#probe = null;
    this.#activity.answered(this.#nowMs);
    this.#owner.proved();
    if (this.owed === 0) this.#rested();
  }

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

  /** What can be asked again goes elsewhere; the rest keeps the connection open until it is given up. */
  #stall(): void {
    const owing = this.#owing();
    const unanswered = owing.filter((pending) => isRepeatable(pending.query));
    if (unanswered.length === owing.length) {
      this.close('stalled');
      return;
    }
    const unsent = this.#takeUnsent();
    this.#replaced = true;
    this.#activity.dropped(unanswered.length + unsent.length, performance.now());
    this.#activity.restart();
    this.#late += unanswered.length;
    for (const pending of unanswered) pending.holder = null;
    this.#owner.stalled(this, unsent, unanswered);
  }

  #owing(): PendingQuery[] {
    return this.#inFlight.values().filter((pending) => !pending.settled && pending.holder === this);
  }

  #takeUnsent(): PendingQuery[] {
    const unsent = this.#outbox.takeAll().filter((pending) => pending !== this.#probe);
    for (const pending of unsent) pending.holder = null;
    return unsent;
  }

  #end(reason: CloseReason): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#activity.stop();
    const unsent = this.#takeUnsent();
    const unanswered = this.#owing();
    this.#inFlight.clear();
    for (const pending of unanswered) pending.holder = null;
    this.#owner.ended(this, reason, unsent, unanswered);
    const inOrder = reason !== 'stalled' && reason !== 'error' && this.#socket.writableLength === 0;
    endSocket(this.#socket, inOrder, this.#limits.closeTimeoutMs);
  }
}
