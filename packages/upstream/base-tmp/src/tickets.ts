import type { X509Certificate } from 'node:crypto';

/** TLS sessions kept for one server under one identity and one set of anchors. The newest is the likeliest to be accepted. */
const MAX_TICKETS = 4;
/** Servers for which tickets are kept; a session that a server forgot costs one full handshake. */
const MAX_KEYS = 1_024;

/** However often sessions are resumed, the server must prove who it is by its key again after this long. */
const MAX_AUTHENTICATION_AGE_MS = 24 * 3_600_000;

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
  readonly identity: string;
  readonly trust: string;
}

/**
 * TLS sessions to resume. A session stands for the authentication that made it, so it is found only under the same address,
 * name and trust anchors. RFC 8446 §4.6.1.
 */
export class Tickets {
  readonly #kept = new Map<string, Ticket[]>();

  put(key: TicketKey, ticket: Ticket): void {
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
    if (nowMs - newest.authentication.atMs > MAX_AUTHENTICATION_AGE_MS) {
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

function nameOf({ host, port, identity, trust }: TicketKey): string {
  return JSON.stringify([host, port, identity, trust]);
}
