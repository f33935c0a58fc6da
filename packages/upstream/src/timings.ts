/** How a connection came about. Times are of `performance.now()`. */
export interface Setup {
  readonly startedMs: number;
  readonly connectedMs: number;
  readonly securedMs: number;
  /** `null`: no TLS. */
  readonly tls: 'full' | 'resumed' | null;
}

/** Where the time of one query went, in milliseconds. The phases add up to the whole. */
export interface Timings {
  /** Not yet sent, and not waiting for a connection that was being opened. Attempts that came to nothing are in here. */
  readonly queueMs: number;
  /** Waited for TCP, the resolving of a host name included; 0 over a connection that was there. */
  readonly dialMs: number;
  /** Waited for the TLS handshake; 0 over a connection that was there. */
  readonly tlsMs: number;
  /** From the last send to the answer, or to the end. 0 when it was never sent. */
  readonly waitMs: number;
  /** How TLS began on the connection that was used; `null` without TLS, or without a connection. */
  readonly tls: 'full' | 'resumed' | null;
  /** Of the connection that was used, at the end; `null` when there was none. */
  readonly connectionAgeMs: number | null;
  /** How often the query was sent. */
  readonly sends: number;
}

/** The moments that {@link timingsOf} needs of a query. */
export interface Moments {
  readonly startedMs: number;
  /** Of the last send, if there was one. */
  readonly sentMs: number;
  /** Of the connection that it was sent over last. */
  readonly setup: Setup | null;
  readonly sends: number;
}

/** Computed only for those who look: the hot path keeps no more than the moments. */
export function timingsOf({ startedMs, sentMs, setup, sends }: Moments, endMs: number): Timings {
  const queuedUntilMs = sends === 0 ? endMs : sentMs;
  let dialMs = 0;
  let tlsMs = 0;
  if (setup !== null && setup.securedMs > startedMs) {
    dialMs = Math.max(0, setup.connectedMs - Math.max(setup.startedMs, startedMs));
    tlsMs = setup.securedMs - Math.max(setup.connectedMs, startedMs);
  }
  return {
    queueMs: Math.max(0, queuedUntilMs - startedMs - dialMs - tlsMs),
    dialMs,
    tlsMs,
    waitMs: sends === 0 ? 0 : Math.max(0, endMs - sentMs),
    tls: setup?.tls ?? null,
    connectionAgeMs: setup === null ? null : endMs - setup.securedMs,
    sends,
  };
}
