import type { X509Certificate } from 'node:crypto';

/** TLS sessions kept for one server under one identity and one set of anchors. The newest is the likeliest to be accepted. */
const MAX_TICKETS = 4;
/** Servers for which tickets are kept; a session that a server forgot costs one full handshake. */
const MAX_KEYS = 1_024;

/** How a server once proved who it is: by this certificate, at this time (`performance.now()`). */
export interface Authentication {
  readonly certificate: X509Certificate;
  readonly atMs: number;
}

/** What a session stands for. Node tells nothing of the certificate on a resumed one, so it is kept here. */
export interface Ticket {
  readonly session: Buffer;
  readonly authentication: Authentication;
}

/** Everything that must be equal for a session to be resumed. */
export interface TicketKey {
  readonly host: string;
  readonly port: number;
  /** What the server must prove: name or address, pins, and whether it must. */
  readonly expected: string;
  /** Trust anchors and TLS versions. */
  readonly trust: string;
  /** Our own certificate: the server may have let us in for it. */
  readonly client: string;
}

/**
 * TLS sessions to resume. A session stands for the authentication that made it, so it is found only under the same address,
 * name, pins, trust anchors and client certificate. RFC 8446 §4.6.1.
 */
export class Tickets {
  readonly #maxAgeMs: number;
  readonly #kept = new Map<string, Ticket[]>();

  /**
   * @param maxAgeMs however often sessions are resumed, the server must prove who it is by its key again after this long; 0:
   *   none is kept.
   */
  constructor(maxAgeMs: number) {
    this.#maxAgeMs = maxAgeMs;
  }

  put(key: TicketKey, ticket: Ticket): void {
    if (this.#maxAgeMs === 0) return;
    const name = nameOf(key);
    const tickets = this.#kept.get(name) ?? [];
    tickets.push(ticket);
    if (tickets.length > MAX_TICKETS) tickets.shift();
    this.#kept.set(name, tickets);
    if (this.#kept.size > MAX_KEYS)
      for (const oldest of this.#kept.keys()) return void this.#kept.delete(oldest);
  }

  /**
   * The newest session. None is given twice as long as there is another (RFC 8446 appendix C.4); the last one is, since some
   * servers issue no new ones on a resumed connection.
   */
  take(key: TicketKey, nowMs: number = performance.now()): Ticket | undefined {
    const tickets = this.#kept.get(nameOf(key));
    const newest = tickets?.at(-1);
    if (tickets === undefined || newest === undefined) return undefined;
    if (nowMs - newest.authentication.atMs > this.#maxAgeMs) {
      this.drop(key);
      return undefined;
    }
    if (tickets.length > 1) tickets.pop();
    return newest;
  }

  /** Forgets a server's sessions, after one of them led to a handshake that failed. */
  drop(key: TicketKey): void {
    this.#kept.delete(nameOf(key));
  }
}

function nameOf({ host, port, expected, trust, client }: TicketKey): string {
  return JSON.stringify([host, port, expected, trust, client]);
}
