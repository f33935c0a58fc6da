import { once } from 'node:events';
import { HANG_UP, type Strategy } from '@tridot/listener';
import { describe, expect, it } from 'vitest';
import { framed, queryFor, TcpClient } from './clients.ts';
import { HeldQueries, serve } from './subject.ts';

export function tcpConnectionsContract(strategy: Strategy): void {
  describe('over TCP: peers', () => {
    it('answers after a half-close, then closes', async () => {
      const held = new HeldQueries();
      const { at } = await serve(strategy, 'tcp', held.handler);
      const client = await TcpClient.to(at);
      client.socket.end(framed(queryFor('a', 1), queryFor('b', 2), Buffer.alloc(100)).subarray(0, -60));
      await held.count(2);
      held.answer(1, queryFor('b', 2));
      await client.next(1);
      held.answer(0, queryFor('a', 1));
      expect(await client.untilEnd()).toEqual([queryFor('b', 2), queryFor('a', 1)]);
    });

    it('survives resets with queries out', async () => {
      const held = new HeldQueries();
      const { at, seen } = await serve(strategy, 'tcp', held.handler);
      for (let client = 0; client < 20; client += 1) {
        const { socket } = (await TcpClient.to(at)).send(framed(queryFor('a'), queryFor('b')));
        await held.count(2 * client + 2);
        socket.resetAndDestroy();
      }
      await seen('connection-failed');
      held.answerAll();
      const other = await TcpClient.to(at);
      other.send(framed(queryFor('c')));
      await held.count(41);
      held.answer(40, queryFor('c'));
      expect(await other.next(1)).toEqual([queryFor('c')]);
    });

    it('is silent on null, and hangs up when the handler says so', async () => {
      const held = new HeldQueries();
      const { at, events } = await serve(strategy, 'tcp', held.handler);
      const client = await TcpClient.to(at);
      client.send(framed(queryFor('a'), queryFor('b'), queryFor('c')));
      await held.count(3);
      held.answer(0, null);
      held.answer(1, HANG_UP);
      held.answer(2, queryFor('c'));
      expect(await client.untilEnd()).toEqual([queryFor('c')]);
      expect(events).toEqual(['connection-opened', 'connection-hung-up']);
    });

    it('serves what came with the message that made it hang up', async () => {
      const { at } = await serve(strategy, 'tcp', (query) => (query.length < 12 ? HANG_UP : query));
      const client = await TcpClient.to(at);
      client.send(framed(queryFor('a', 1), Buffer.from([1]), queryFor('b', 2)));
      expect(await client.untilEnd()).toEqual([queryFor('a', 1), queryFor('b', 2)]);
    });

    it('closes what is idle, on whole messages and not on octets', async () => {
      const { at, events } = await serve(strategy, 'tcp', (query) => query, {
        limits: { idleTimeoutMs: 300 },
      });
      const client = await TcpClient.to(at);
      await client.send(framed(queryFor('a'))).next(1);
      const start = performance.now();
      const drip = setInterval(() => client.send(Buffer.from([0xff])), 100);
      expect(await client.untilEnd()).toHaveLength(1);
      clearInterval(drip);
      expect(performance.now() - start).toBeGreaterThan(240);
      expect(performance.now() - start).toBeLessThan(500);
      expect(events).toContain('connection-idle');
    });

    it('is not idle while a reply is owed', async () => {
      const held = new HeldQueries();
      const { at, seen, events } = await serve(strategy, 'tcp', held.handler, {
        limits: { idleTimeoutMs: 100 },
      });
      const owed = (await TcpClient.to(at)).send(framed(queryFor('a')));
      await held.count(1);
      await (await TcpClient.to(at)).untilEnd();
      await seen('connection-idle');
      held.answer(0, queryFor('a'));
      expect(await owed.untilEnd()).toEqual([queryFor('a')]);
      expect(events.filter((event) => event === 'connection-idle')).toHaveLength(2);
    });

    it('disconnects a client that never reads, and bounds what it costs', async () => {
      let answered = 0;
      const { at, seen, events } = await serve(
        strategy,
        'tcp',
        async () => {
          answered += 1;
          return Buffer.alloc(60_000);
        },
        { limits: { writeStallMs: 500, maxInFlightPerConnection: 16 } },
      );
      const client = await TcpClient.to(at);
      client.socket.pause();
      client.send(framed(...Array.from({ length: 2_000 }, (_, id) => queryFor('a', id))));
      await seen('connection-stalled');
      expect(events).toContain('read-paused');
      // What the kernel's buffers take on loopback, and the connection's share on top.
      expect(answered).toBeLessThan(300);
    });

    it('makes room for a new connection by closing the longest idle one', async () => {
      const held = new HeldQueries();
      const { at, events } = await serve(strategy, 'tcp', held.handler, { limits: { maxConnections: 2 } });
      const owed = (await TcpClient.to(at)).send(framed(queryFor('a')));
      await held.count(1);
      const idle = await TcpClient.to(at);
      const third = (await TcpClient.to(at)).send(framed(queryFor('b')));
      expect(await idle.untilEnd()).toEqual([]);
      await held.count(2);
      const refused = await TcpClient.to(at);
      await refused.untilEnd().catch(() => undefined);
      held.answerAll();
      expect(await owed.next(1)).toEqual([queryFor('a')]);
      expect(await third.next(1)).toEqual([queryFor('b')]);
      expect(events.filter((event) => event !== 'connection-opened')).toEqual([
        'connection-evicted',
        'connection-refused',
      ]);
    });

    it('limits the connections of one address', async () => {
      const { at, seen } = await serve(strategy, 'tcp', (query) => query, {
        limits: { maxConnectionsPerAddress: 1 },
      });
      const first = await TcpClient.to(at);
      const second = await TcpClient.to(at);
      await seen('connection-evicted');
      expect(await first.untilEnd()).toEqual([]);
      expect(await second.send(framed(queryFor('a'))).next(1)).toEqual([queryFor('a')]);
    });

    it('answers 2 000 pipelined queries with few in flight, and pauses instead of dropping', async () => {
      let inFlight = 0;
      let most = 0;
      const { at, events } = await serve(
        strategy,
        'tcp',
        async (query) => {
          inFlight += 1;
          most = Math.max(most, inFlight);
          await new Promise(setImmediate);
          inFlight -= 1;
          return query;
        },
        { limits: { maxInFlight: 10, maxInFlightPerConnection: 8 } },
      );
      const queries = Array.from({ length: 2_000 }, (_, id) => queryFor('a', id));
      const clients = await Promise.all([TcpClient.to(at), TcpClient.to(at), TcpClient.to(at)]);
      const replies = await Promise.all(clients.map((client) => client.send(framed(...queries)).next(2_000)));
      for (const messages of replies) {
        expect(messages.map((message) => message.readUInt16BE(0)).sort((a, b) => a - b)).toEqual(
          queries.map((_, id) => id),
        );
      }
      expect(most).toBeLessThanOrEqual(10);
      expect(events).toContain('read-paused');
      expect(events).not.toContain('overload-dropped');
    });

    it('answers every query of a segment when the handler needs no promise', async () => {
      const { at } = await serve(strategy, 'tcp', (query) => query, {
        limits: { maxInFlightPerConnection: 1 },
      });
      const client = await TcpClient.to(at);
      const queries = Array.from({ length: 500 }, (_, id) => queryFor('a', id));
      expect(await client.send(framed(...queries)).next(500)).toEqual(queries);
    });

    it('does not hold the second of two replies back', async () => {
      const held = new HeldQueries();
      const { at } = await serve(strategy, 'tcp', held.handler);
      const client = await TcpClient.to(at);
      client.send(framed(queryFor('a', 1), queryFor('b', 2)));
      await held.count(2);
      held.answer(0, queryFor('a', 1));
      await client.next(1);
      const start = performance.now();
      held.answer(1, queryFor('b', 2));
      await client.next(2);
      expect(performance.now() - start).toBeLessThan(30);
    });

    it('reads and throws away what comes after its FIN, so that nothing is reset', async () => {
      const { at } = await serve(strategy, 'tcp', (query) => (query.length < 12 ? HANG_UP : query));
      const client = await TcpClient.to(at);
      client.send(framed(queryFor('a'), Buffer.alloc(0)));
      await client.next(1);
      client.send(Buffer.alloc(100_000));
      expect(await client.untilEnd()).toEqual([queryFor('a')]);
      const closed = once(client.socket, 'close');
      client.socket.end();
      await closed;
    });
  });
}
