import type { Connection } from '../connection.ts';
import { afterDelivery, type Behaviour } from './behaviour.ts';

/** Ends each connection in order (close_notify, FIN) after its `count`-th answer; later queries are not answered. */
export function closeAfter(count: number): Behaviour {
  return endAfter('closeAfter', count, (connection) => connection.halfClose());
}

/** As {@link closeAfter}, but with FIN alone: TLS calls that a truncation. */
export function finAfter(count: number): Behaviour {
  return endAfter('finAfter', count, (connection) => connection.fin());
}

/** Cuts each connection with RST after its `count`-th answer; 0: at the first query. */
export function resetAfter(count: number): Behaviour {
  return endAfter('resetAfter', count, (connection) => connection.reset());
}

/** Ends its own side of each connection after `count` answers, and goes on taking queries that it never answers. */
export function halfCloseAfter(count: number): Behaviour {
  return endAfter('halfCloseAfter', count, (connection) => connection.halfClose());
}

/** After `count` answers sends an alert record in clear, which a client in the midst of TLS must take as a broken record. */
export function alertAfter(count: number, description = 80): Behaviour {
  return endAfter('alertAfter', count, (connection) => connection.inject(alertRecord(description)));
}

/** Ends a connection in order once it has brought no query for `ms` milliseconds. */
export function closeWhenIdle(ms: number): Behaviour {
  const timers = new WeakMap<Connection, NodeJS.Timeout>();
  return {
    name: 'closeWhenIdle',
    secured(connection) {
      const timer = setTimeout(() => connection.halfClose(), ms);
      timers.set(connection, timer.unref());
      connection.raw.once('close', () => clearTimeout(timer));
    },
    query(exchange, next) {
      timers.get(exchange.connection)?.refresh();
      next();
    },
  };
}

/** A fatal TLS alert in clear (RFC 8446 §6). */
export function alertRecord(description: number): Buffer {
  return Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, description]);
}

function endAfter(name: string, count: number, end: (connection: Connection) => void): Behaviour {
  const answered = new WeakMap<Connection, number>();
  return {
    name,
    query(exchange, next) {
      const { connection } = exchange;
      const ordinal = (answered.get(connection) ?? 0) + 1;
      answered.set(connection, ordinal);
      if (ordinal === count) afterDelivery(exchange, () => end(connection));
      if (ordinal <= count) next();
      else if (count === 0 && ordinal === 1) end(connection);
    },
  };
}
