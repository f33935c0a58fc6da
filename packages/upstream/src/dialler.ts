import type { Socket } from 'node:net';
import { Backoff } from './backoff.ts';
import { UpstreamError } from './errors.ts';
import type { UpstreamLimits } from './limits.ts';
import type { Setup } from './timings.ts';

/** A connection over which queries may be sent: its server is who it should be, as far as the settings ask for that. */
export interface Dialled {
  readonly socket: Socket;
  readonly setup: Setup;
  /** As OpenSSL names it, such as `TLSv1.3`; `TCP` without TLS. */
  readonly protocol: string;
  /** Why the server is not known to be who it should be; `null` when it is. Never set unless that was allowed. */
  readonly unauthenticated: string | null;
}

export interface Dial {
  /** Ends the attempt; `onDone` is not called any more. */
  abort(): void;
}

/** Is told what becomes of a dial. */
export interface DialEvents {
  /** Called once, later than the dial began. */
  onDone(result: Dialled | UpstreamError): void;
  /** The socket is closed, whatever became of it: no handle is left. Called once, after {@link onDone} if that is called. */
  onClosed(): void;
}

/** Begins to connect to one server. */
export type Opener = (events: DialEvents) => Dial;

/** What a {@link Dialler} tells. */
export interface DiallerEvents {
  onOpened(dialled: Dialled): void;
  onFailed(error: UpstreamError): void;
  /** The pause after a failure is over, and a connection was asked for meanwhile. */
  onPauseOver(): void;
}

/** Connects to one server: one dial at a time, and none before the pause after a failure is over. */
export class Dialler {
  readonly backoff: Backoff;
  readonly #open: Opener;
  readonly #events: DiallerEvents;
  readonly #released = Promise.withResolvers<void>();
  #dial: Dial | null = null;
  #pause: NodeJS.Timeout | null = null;
  #closing = false;
  /** Sockets that were opened and are not closed yet. */
  #sockets = 0;

  constructor(open: Opener, limits: UpstreamLimits, events: DiallerEvents) {
    this.#open = open;
    this.#events = events;
    this.backoff = new Backoff(limits);
  }

  /** Whether a dial is under way. */
  get dialling(): boolean {
    return this.#dial !== null;
  }

  /** Begins a dial now, or once it may; does nothing when that is under way already. */
  dial(): void {
    if (this.#closing || this.#dial !== null || this.#pause !== null) return;
    const pauseMs = this.backoff.untilMs - performance.now();
    if (pauseMs > 0) {
      this.#pause = setTimeout(this.#onPauseOver, pauseMs);
      return;
    }
    this.#sockets++;
    this.#dial = this.#open({ onDone: this.#onDone, onClosed: this.#onClosed });
  }

  /** Forgets the pause, not the failures. */
  forgive(): void {
    this.backoff.forgive();
    if (this.#pause === null) return;
    clearTimeout(this.#pause);
    this.#pause = null;
  }

  /** Begins no more dials. Settles once every socket that it opened is closed. */
  close(): Promise<void> {
    this.#closing = true;
    if (this.#pause !== null) clearTimeout(this.#pause);
    this.#dial?.abort();
    if (this.#sockets === 0) this.#released.resolve();
    return this.#released.promise;
  }

  readonly #onPauseOver = (): void => {
    this.#pause = null;
    this.#events.onPauseOver();
  };

  readonly #onDone = (result: Dialled | UpstreamError): void => {
    this.#dial = null;
    if (result instanceof UpstreamError) this.#events.onFailed(result);
    else this.#events.onOpened(result);
  };

  readonly #onClosed = (): void => {
    this.#sockets--;
    if (this.#closing && this.#sockets === 0) this.#released.resolve();
  };
}
