import type { Writable } from 'node:stream';
import { framedLength, writeFramed } from '@tridot/wire';
import type { PendingQuery } from './pending-query.ts';

/** Frames of one write share TLS records, and none is spread over two as long as the write fits into one (RFC 7858 §3.3). */
const TLS_RECORD_BYTES = 16_384;

/** Who gives queries to an {@link Outbox}. */
export interface OutboxEvents {
  /** The query is written now: draws its message ID and notes it. */
  numbered(pending: PendingQuery): number;
  /** The query had been given up before it was written. */
  skipped(): void;
}

/** Queries of one turn of the event loop, which leave in one write. */
export class Outbox {
  readonly #socket: Writable;
  readonly #padBlockBytes: number;
  readonly #events: OutboxEvents;
  #queries: PendingQuery[] = [];
  #flushing = false;

  constructor(socket: Writable, padBlockBytes: number, events: OutboxEvents) {
    this.#socket = socket;
    this.#padBlockBytes = padBlockBytes;
    this.#events = events;
  }

  /** Queries not written yet, those given up included. */
  get length(): number {
    return this.#queries.length;
  }

  add(pending: PendingQuery): void {
    this.#queries.push(pending);
    if (this.#flushing) return;
    this.#flushing = true;
    // After the poll phase: all datagrams that one turn of the event loop brought are here by then.
    setImmediate(this.#flush);
  }

  /** Takes out what was not written; nothing will be. */
  takeAll(): PendingQuery[] {
    const unsent = this.#queries.filter((pending) => !pending.settled);
    this.#queries = [];
    return unsent;
  }

  readonly #flush = (): void => {
    this.#flushing = false;
    const queries = this.#queries;
    this.#queries = [];
    let first = 0;
    while (first < queries.length) first = this.#writeFrom(queries, first);
  };

  /** Writes as many queries as fit into one TLS record, at least one, and returns where the next ones begin. */
  #writeFrom(queries: PendingQuery[], first: number): number {
    let bytes = 0;
    let next = first;
    for (; next < queries.length; next++) {
      const pending = queries[next];
      if (pending === undefined || pending.settled) continue;
      const length = framedLength(pending.query, this.#padBlockBytes);
      if (bytes > 0 && bytes + length > TLS_RECORD_BYTES) break;
      bytes += length;
    }
    const frames = Buffer.allocUnsafe(bytes);
    let offset = 0;
    for (let index = first; index < next; index++) {
      const pending = queries[index];
      if (pending === undefined) continue;
      if (pending.settled) {
        this.#events.skipped();
        continue;
      }
      const messageId = this.#events.numbered(pending);
      offset = writeFramed(pending.query, frames, offset, messageId, this.#padBlockBytes);
    }
    if (bytes > 0) this.#socket.write(frames);
    return next;
  }
}
