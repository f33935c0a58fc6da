import { randomBytes, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { Dialled } from '../src/dialler.ts';
import { createHostResolver } from '../src/host-resolver.ts';
import { identityOf, pinOf } from '../src/identity.ts';
import { type Ticket, type TicketKey, Tickets } from '../src/tickets.ts';
import { dial } from '../src/tls-dial.ts';
import { AUTH_NAME, answer, names, Stage, sharedCa } from './stage.ts';

describe('TLS sessions', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('are resumed on each reconnect with %s', async (version) => {
    await using stage = new Stage();
    const server = await stage.server({
      onQuery(query, connection) {
        answer(query, connection);
        connection.socket.end();
      },
      tls: { minVersion: version, maxVersion: version },
    });
    const { outcome, seen } = await stage.upstreams([server]);
    for (const [index, name] of names(4).entries()) {
      expect(await outcome(name)).toBe(name);
      await server.ended(index);
    }
    expect(seen.opened.map(({ resumed }) => resumed)).toEqual([false, true, true, true]);
  });

  it('are refused when their certificate is not for the name that is wanted now', async () => {
    await using stage = new Stage();
    const server = await stage.server({ tls: { ticketKeys: randomBytes(48) } });
    const first = await dialOnce(server.port, AUTH_NAME, undefined);
    expect(first.error).toBe(null);
    const same = await dialOnce(server.port, AUTH_NAME, first.ticket);
    expect(same).toMatchObject({ error: null, resumed: true });
    const other = await dialOnce(server.port, 'other.example.com', first.ticket);
    expect(other.error).toBe('ERR_UPSTREAM_IDENTITY');
  });

  it('are refused when the key that made them is not pinned', async () => {
    await using stage = new Stage();
    const server = await stage.server({ tls: { ticketKeys: randomBytes(48) } });
    const first = await dialOnce(server.port, AUTH_NAME, undefined);
    const pin = first.ticket && pinOf(first.ticket.authentication.certificate);
    const pinned = await dialOnce(server.port, AUTH_NAME, first.ticket, [pin ?? '']);
    expect(pinned).toMatchObject({ error: null, resumed: true });
    const other = await dialOnce(server.port, AUTH_NAME, first.ticket, ['A'.repeat(43).concat('=')]);
    expect(other.error).toBe('ERR_UPSTREAM_IDENTITY');
  });
});

/** Dials, waits for a session if the server is trusted, and lets go. */
async function dialOnce(
  port: number,
  authName: string,
  offered: Ticket | undefined,
  pins: readonly string[] = [],
) {
  const context = createSecureContext({ ca: (await sharedCa()).pem, minVersion: 'TLSv1.2' });
  const target = {
    name: 'x',
    host: '127.0.0.1',
    port,
    expected: { identity: identityOf('127.0.0.1', authName), chain: true, pins, required: true },
    sni: true,
    context,
    resolveHost: createHostResolver('127.0.0.1'),
  };
  const limits = { connectTimeoutMs: 2_000, handshakeTimeoutMs: 2_000 };
  const { promise, resolve } = Promise.withResolvers<{
    error: string | null;
    resumed: boolean;
    ticket?: Ticket;
  }>();
  let dialled: Dialled | undefined;
  dial(target, offered, limits, {
    onDone(result) {
      if (result instanceof Error) {
        resolve({ error: result.code, resumed: false });
        return;
      }
      dialled = result;
      // Tickets of TLS 1.3 are read like data. On a resumed connection none need come.
      result.socket.resume();
      if (result.setup.tls !== 'resumed') return;
      resolve({ error: null, resumed: true });
      result.socket.destroy();
    },
    onTicket(ticket) {
      queueMicrotask(() => {
        resolve({ error: null, resumed: false, ticket });
        dialled?.socket.destroy();
      });
    },
    onClosed() {},
  });
  return promise;
}

describe('Tickets', () => {
  const certificate = sharedCa().then(({ pem }) => new X509Certificate(pem));
  const ticket = async (session: string, atMs = performance.now()): Promise<Ticket> => ({
    session: Buffer.from(session),
    authentication: { certificate: await certificate, atMs },
  });
  const key: TicketKey = { host: '192.0.2.1', port: 853, expected: 'a', trust: 'x', client: '' };
  const maxAgeMs = 3_600_000;

  it.each<[keyof TicketKey, TicketKey]>([
    ['host', { ...key, host: '192.0.2.2' }],
    ['port', { ...key, port: 854 }],
    ['expected', { ...key, expected: 'b' }],
    ['trust', { ...key, trust: 'y' }],
    ['client', { ...key, client: 'c' }],
  ])('are not found under another %s', async (_what, other) => {
    const tickets = new Tickets(maxAgeMs);
    tickets.put(key, await ticket('t'));
    expect(tickets.take(other)).toBeUndefined();
    expect(tickets.take(key)?.session.toString()).toBe('t');
  });

  it('are given once, newest first, and only the last one again', async () => {
    const tickets = new Tickets(maxAgeMs);
    tickets.put(key, await ticket('old'));
    tickets.put(key, await ticket('new'));
    const taken = [1, 2, 3].map(() => tickets.take(key)?.session.toString());
    expect(taken).toEqual(['new', 'old', 'old']);
  });

  it('are forgotten when told so, and kept in bounded number', async () => {
    const tickets = new Tickets(maxAgeMs);
    for (let index = 0; index < 20; index++) tickets.put(key, await ticket(`t${index}`));
    const taken = Array.from({ length: 6 }, () => tickets.take(key)?.session.toString());
    expect(taken).toEqual(['t19', 't18', 't17', 't16', 't16', 't16']);
    tickets.put(key, await ticket('t'));
    tickets.drop(key);
    expect(tickets.take(key)).toBeUndefined();
  });

  it('are not given when the server last proved its identity too long ago, and not kept for no time', async () => {
    const tickets = new Tickets(maxAgeMs);
    const nowMs = performance.now();
    tickets.put(key, await ticket('t', nowMs));
    expect(tickets.take(key, nowMs + maxAgeMs)).toBeDefined();
    expect(tickets.take(key, nowMs + maxAgeMs + 1)).toBeUndefined();
    const none = new Tickets(0);
    none.put(key, await ticket('t'));
    expect(none.take(key)).toBeUndefined();
  });
});
