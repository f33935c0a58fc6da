import { HANG_UP, type Strategy } from '@tridot/listener';
import { describe, expect, it } from 'vitest';
import { framed, queryFor, TcpClient } from './clients.ts';
import { HeldQueries, serve } from './subject.ts';

const EMPTY = Buffer.alloc(0);

export function tcpPeersContract(strategy: Strategy): void {
  describe('over TCP: hanging up', () => {
    it.each(['at once', 'later'])('ends the connection after what is owed, said %s', async (when) => {
      const held = new HeldQueries();
      const { at, seen } = await serve(strategy, 'tcp', (query, client) => {
        if (query.length > 0) return held.handler(query, client);
        return when === 'later' ? Promise.resolve(HANG_UP) : HANG_UP;
      });
      const client = await TcpClient.to(at);
      client.send(framed(queryFor('a')));
      await held.count(1);
      client.send(framed(EMPTY));
      await seen('connection-hung-up');
      client.send(framed(queryFor('never-read')));
      held.answerAll();
      expect(await client.untilEnd()).toEqual([queryFor('a')]);
      expect(held.queries).toHaveLength(1);
    });
  });

  describe('over TCP: clients that leave', () => {
    it.each([1, 2, 40])('answers what came before a partial frame of %i octets and FIN', async (octets) => {
      const held = new HeldQueries();
      const { at, events } = await serve(strategy, 'tcp', held.handler);
      const client = await TcpClient.to(at);
      client.socket.end(
        Buffer.concat([framed(queryFor('a')), framed(Buffer.alloc(100)).subarray(0, octets)]),
      );
      await held.count(1);
      held.answerAll();
      expect(await client.untilEnd()).toEqual([queryFor('a')]);
      expect(events).toEqual(['connection-opened']);
    });

    it('forgets a query whose client is reset while it waits for a place', async () => {
      const held = new HeldQueries();
      const { at, seen } = await serve(strategy, 'tcp', held.handler, { limits: { maxInFlight: 1 } });
      const [first, second] = [await TcpClient.to(at), await TcpClient.to(at)];
      first.send(framed(queryFor('first')));
      await held.count(1);
      second.send(framed(queryFor('second')));
      await seen('read-paused');
      second.socket.resetAndDestroy();
      await seen('connection-failed');
      held.answerAll();
      await first.next(1);
      first.send(framed(queryFor('third')));
      await held.count(2);
      expect(held.queries[1]).toEqual(queryFor('third'));
    });

    it('wakes every connection that waited for a place, also when replies are ready at once', async () => {
      const held = new HeldQueries();
      const { at } = await serve(
        strategy,
        'tcp',
        (query, client) => (query.equals(queryFor('held')) ? held.handler(query, client) : query),
        { limits: { maxInFlight: 1 } },
      );
      const busy = (await TcpClient.to(at)).send(framed(queryFor('held')));
      await held.count(1);
      const waiting = await Promise.all([1, 2, 3, 4].map(() => TcpClient.to(at)));
      for (const client of waiting) await client.sendNow(framed(queryFor('a'), queryFor('b')));
      held.answerAll();
      await busy.next(1);
      for (const client of waiting) expect(await client.next(2)).toEqual([queryFor('a'), queryFor('b')]);
    });
  });

  describe('over TCP: idleness', () => {
    it('counts anew with each message, a silent one too', async () => {
      const { at } = await serve(strategy, 'tcp', () => null, { limits: { idleTimeoutMs: 200 } });
      const client = await TcpClient.to(at);
      const start = performance.now();
      let asked = 0;
      const asking = setInterval(() => {
        client.send(framed(queryFor('a')));
        asked += 1;
        if (asked === 8) clearInterval(asking);
      }, 50);
      await client.untilEnd();
      expect(performance.now() - start).toBeGreaterThan(500);
    });

    it('frees the places of a crowd that sends one octet each', async () => {
      const limits = { idleTimeoutMs: 200, maxConnections: 20 };
      const { at, events } = await serve(strategy, 'tcp', (query) => query, { limits });
      const crowd = await Promise.all(Array.from({ length: 20 }, () => TcpClient.to(at)));
      for (const client of crowd) client.send(Buffer.from([0]));
      for (const client of crowd) await client.untilEnd();
      const later = await Promise.all(Array.from({ length: 20 }, () => TcpClient.to(at)));
      for (const client of later) await client.send(framed(queryFor('a'))).next(1);
      expect(events.filter((event) => event === 'connection-idle')).toHaveLength(20);
      expect(events).not.toContain('connection-refused');
    });

    it('lets the connection go that has been idle longest, not the oldest', async () => {
      const { at } = await serve(strategy, 'tcp', (query) => query, { limits: { maxConnections: 2 } });
      const [first, second] = [await TcpClient.to(at), await TcpClient.to(at)];
      await second.send(framed(queryFor('a'))).next(1);
      await first.send(framed(queryFor('b'))).next(1);
      const third = await TcpClient.to(at);
      await third.send(framed(queryFor('c'))).next(1);
      expect(await second.untilEnd()).toEqual([queryFor('a')]);
      expect(await first.send(framed(queryFor('d'))).next(2)).toHaveLength(2);
    });
  });

  it('sends length and message in one segment over TCP', async () => {
    const { at } = await serve(strategy, 'tcp', (query) => query);
    const client = await TcpClient.to(at);
    const chunks: number[] = [];
    client.socket.on('data', (chunk) => chunks.push(chunk.length));
    await client.send(framed(queryFor('a'))).next(1);
    expect(chunks).toEqual([framed(queryFor('a')).length]);
  });

  it('does not wait for the grace when the last query stays unanswered', async () => {
    const held = new HeldQueries();
    const { listener, at } = await serve(strategy, 'tcp', held.handler);
    const client = (await TcpClient.to(at)).send(framed(queryFor('a')));
    await held.count(1);
    const closed = listener.close({ graceMs: 1_000_000 });
    held.answer(0, null);
    await client.untilEnd();
    client.socket.end();
    await closed;
  });
}
