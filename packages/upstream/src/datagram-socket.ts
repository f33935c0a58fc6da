import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import {
  answersQuestion,
  framedLength,
  HEADER_BYTES,
  messageId,
  PREFIX_BYTES,
  setEdnsUdpSize,
  writeFramed,
} from '@tridot/wire';
import type { MessageIds } from './message-ids.ts';
import type { Stray } from './observer.ts';
import type { PendingQuery } from './pending-query.ts';

/** Queries from one source port; then another is used, so that who wants to guess it has little time (RFC 5452 §9.2). */
const MAX_QUERIES = 100;
const MAX_AGE_MS = 10_000;

/** What a socket tells the server that it belongs to. */
export interface DatagramSocketEvents {
  answered(pending: PendingQuery, response: Buffer, nowMs: number): void;
  stray(kind: Stray): void;
  /** Such as ECONNREFUSED, which the host of the server says. Everything unanswered is given back. */
  failed(error: Error, unanswered: PendingQuery[]): void;
  closed(): void;
}

/** One UDP socket that is connected to one server, so that the system drops what comes from elsewhere. */
export class DatagramSocket {
  readonly #openedAtMs = performance.now();
  readonly #socket: Socket;
  readonly #ids: MessageIds;
  readonly #udpPayloadBytes: number;
  readonly #events: DatagramSocketEvents;
  readonly #inFlight = new Map<number, PendingQuery>();
  /** Datagrams of before the socket was connected. */
  #early: Buffer[] | null = [];
  #sent = 0;
  #retired = false;
  #closed = false;

  constructor(
    host: string,
    port: number,
    ids: MessageIds,
    udpPayloadBytes: number,
    events: DatagramSocketEvents,
  ) {
    this.#ids = ids;
    this.#udpPayloadBytes = udpPayloadBytes;
    this.#events = events;
    this.#socket = createSocket(isIPv6(host.replace(/%.*$/, '')) ? 'udp6' : 'udp4');
    this.#socket.on('message', (message) => this.#onMessage(message));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.once('close', () => events.closed());
    this.#socket.connect(port, host, (error?: Error) => {
      const early = this.#early ?? [];
      this.#early = null;
      if (error !== undefined && error !== null) this.#fail(error);
      else for (const datagram of early) this.#transmit(datagram);
    });
  }

  get takes(): boolean {
    return !this.#retired && this.#sent < MAX_QUERIES && performance.now() - this.#openedAtMs < MAX_AGE_MS;
  }

  send(pending: PendingQuery): void {
    const id = this.#ids.next(this.#inFlight);
    this.#inFlight.set(id, pending);
    this.#sent++;
    this.#write(pending, id);
  }

  /** Sends the query again, with the same ID. @returns whether it is still in flight here. */
  repeat(pending: PendingQuery): boolean {
    for (const [id, other] of this.#inFlight) {
      if (other !== pending) continue;
      this.#write(pending, id);
      return true;
    }
    return false;
  }

  /** One of its queries has been settled or went elsewhere. */
  forget(pending: PendingQuery): void {
    for (const [id, other] of this.#inFlight) if (other === pending) this.#inFlight.delete(id);
    this.#closeIfDone();
  }

  /** It takes no more queries, and closes once it owes nothing. */
  retire(): void {
    this.#retired = true;
    this.#closeIfDone();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#retired = true;
    this.#socket.close();
  }

  #write(pending: PendingQuery, id: number): void {
    const { query } = pending;
    const frame = Buffer.allocUnsafe(framedLength(query, 0));
    writeFramed(query, frame, 0, id, 0);
    const datagram = frame.subarray(PREFIX_BYTES);
    if (query.optOffset !== -1) setEdnsUdpSize(datagram, query.optOffset, this.#udpPayloadBytes);
    pending.sends++;
    if (this.#early === null) this.#transmit(datagram);
    else this.#early.push(datagram);
  }

  #transmit(datagram: Buffer): void {
    if (this.#closed) return;
    this.#socket.send(datagram, (error) => {
      if (error !== null) this.#fail(error);
    });
  }

  #onMessage(response: Buffer): void {
    if (response.length < HEADER_BYTES) return;
    const pending = this.#inFlight.get(messageId(response));
    if (pending === undefined) {
      this.#events.stray('unknown-id');
    } else if (answersQuestion(response, pending.query)) {
      this.#inFlight.delete(messageId(response));
      this.#events.answered(pending, response, performance.now());
      this.#closeIfDone();
    } else {
      this.#events.stray('wrong-question');
    }
  }

  #fail(error: Error): void {
    if (this.#closed) return;
    const unanswered = [...this.#inFlight.values()];
    this.#inFlight.clear();
    this.close();
    this.#events.failed(error, unanswered);
  }

  #closeIfDone(): void {
    if (this.#retired && this.#inFlight.size === 0) this.close();
  }
}
