import type { Connection } from '../connection.ts';
import type { IssuedCertificate } from '../test-ca.ts';

/** What an upstream's TLS may be told to do otherwise. */
export interface TlsOverride {
  readonly certificate?: IssuedCertificate;
  readonly minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL cipher list. */
  readonly ciphers?: string;
  /** Application protocols that the server knows; null: it does not speak ALPN. */
  readonly alpn?: readonly string[] | null;
}

/** One query on its way through the behaviours. */
export interface Exchange {
  readonly connection: Connection;
  readonly query: Buffer;
  /** 1 for the first query of its connection, and so on. */
  readonly ordinal: number;
  /** What will be sent, unframed; to begin with the true answer. */
  response: Buffer;
  /** How the framed response gets onto the connection; to begin with as one write. `done` follows once it is out. */
  deliver: (connection: Connection, frame: Buffer, done: () => void) => void;
}

/**
 * One idea of how an upstream behaves. Behaviours form a chain: the first is asked first, and `next` hands on to those after
 * it; at the end of the chain the response is delivered. A behaviour that does not call `next` keeps the answer back; one
 * that calls it twice sends it twice.
 */
export interface Behaviour {
  readonly name: string;
  /** Which connections it is for. Default: all. */
  appliesTo?(connection: Connection): boolean;
  readonly tls?: TlsOverride;
  /** A TCP connection was accepted. True: the behaviour has taken it over, and no TLS is to be spoken. */
  accepted?(connection: Connection): boolean;
  /** The handshake is complete. */
  secured?(connection: Connection): void;
  query?(exchange: Exchange, next: () => void): void;
}

/** A behaviour that changes the response and nothing else. */
export function changeResponse(name: string, change: (exchange: Exchange) => Buffer): Behaviour {
  return {
    name,
    query(exchange, next) {
      exchange.response = change(exchange);
      next();
    },
  };
}

/** Does something once the response of this exchange is out. */
export function afterDelivery(exchange: Exchange, action: () => void): void {
  const inner = exchange.deliver;
  exchange.deliver = (connection, frame, done) =>
    inner(connection, frame, () => {
      action();
      done();
    });
}

/** Runs the query through the chain and delivers what comes out of it. */
export function runChain(behaviours: readonly Behaviour[], exchange: Exchange): void {
  const applying = behaviours.filter(
    (each) => each.query !== undefined && applies(each, exchange.connection),
  );
  const step = (index: number): void => {
    const behaviour = applying[index];
    if (behaviour?.query !== undefined) behaviour.query(exchange, () => step(index + 1));
    else deliver(exchange);
  };
  step(0);
}

export function applies(behaviour: Behaviour, connection: Connection): boolean {
  return behaviour.appliesTo?.(connection) ?? true;
}

function deliver(exchange: Exchange): void {
  const frame = Buffer.allocUnsafe(2 + exchange.response.length);
  frame.writeUInt16BE(exchange.response.length & 0xffff, 0);
  exchange.response.copy(frame, 2);
  exchange.deliver(exchange.connection, frame, () => undefined);
}
