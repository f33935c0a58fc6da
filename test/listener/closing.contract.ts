import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Strategy, Transport } from '@tridot/listener';
import { describe, expect, it } from 'vitest';
import { framed, queryFor, TcpClient, UdpClient } from './clients.ts';
import { create, HeldQueries, serve } from './subject.ts';

const GRACE_MS = 5_000;

export function closingContract(strategy: Strategy): void {
  describe.each<Transport>(['udp', 'tcp'])('over %s: start and end', (transport) => {
    it('rejects a bind that fails, and can be closed then', async () => {
      const first = await serve(strategy, transport, (query) => query);
      const second = create(strategy, transport, (query) => query, { port: first.at.port });
      await expect(second.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
      await second.close();
      const elsewhere = create(strategy, transport, (query) => query, { address: '192.0.2.1' });
      await expect(elsewhere.listen()).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
      await elsewhere.close();
    });

    it('settles when it is closed twice, during listen, before listen', async () => {
      const never = create(strategy, transport, (query) => query);
      await Promise.all([never.close(), never.close({ graceMs: GRACE_MS })]);
      await expect(never.listen()).rejects.toThrow();
      await never.close();
      const starting = create(strategy, transport, (query) => query);
      const at = starting.listen();
      await starting.close({ graceMs: GRACE_MS });
      expect((await at).port).toBeGreaterThan(0);
      await starting.close();
    });

    it('binds the same port again at once, again and again', async () => {
      const first = create(strategy, transport, (query) => query);
      const { port } = await first.listen();
      await first.close();
      for (let round = 0; round < 20; round += 1) {
        const again = create(strategy, transport, (query) => query, { port });
        await again.listen();
        if (transport === 'tcp') {
          const client = await TcpClient.to({ address: '127.0.0.1', port });
          await client.send(framed(queryFor('a'))).next(1);
        }
        await again.close();
      }
    });

    it('lets nothing go to a late handler after the grace', async () => {
      const held = new HeldQueries();
      const { listener, at } = await serve(strategy, transport, held.handler);
      if (transport === 'udp') (await UdpClient.to(at)).send(queryFor('a'));
      else (await TcpClient.to(at)).send(framed(queryFor('a')));
      await held.count(1);
      const start = performance.now();
      await listener.close({ graceMs: 100 });
      expect(performance.now() - start).toBeGreaterThan(80);
      expect(performance.now() - start).toBeLessThan(1_000);
      held.answerAll();
      await new Promise(setImmediate);
    });
  });

  describe('draining', () => {
    it('waits for replies in flight over UDP and takes no new query', async () => {
      const held = new HeldQueries();
      const { listener, at } = await serve(strategy, 'udp', held.handler);
      const client = await UdpClient.to(at);
      client.send(queryFor('a', 1)).send(queryFor('b', 2));
      await held.count(2);
      const closed = listener.close({ graceMs: GRACE_MS });
      client.send(queryFor('late', 3));
      held.answerAll();
      await closed;
      expect(await client.next(2)).toHaveLength(2);
      expect(held.queries).toHaveLength(2);
      const again = createSocket('udp4').bind(at.port, at.address);
      await once(again, 'listening');
      again.close();
    });

    it('waits for replies in flight over TCP, ends idle connections, refuses new ones', async () => {
      const held = new HeldQueries();
      const { listener, at } = await serve(strategy, 'tcp', held.handler);
      const idle = await TcpClient.to(at);
      const busy = (await TcpClient.to(at)).send(framed(queryFor('a', 1), queryFor('b', 2)));
      await held.count(2);
      const closed = listener.close({ graceMs: GRACE_MS });
      expect(await idle.untilEnd()).toEqual([]);
      await expect(TcpClient.to(at)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      idle.socket.end();
      held.answerAll();
      expect(await busy.untilEnd()).toHaveLength(2);
      busy.socket.end();
      await closed;
      const again = createServer().listen(at.port, at.address);
      await once(again, 'listening');
      again.close();
    });

    it('is not held up by clients that never close', async () => {
      const { listener, at } = await serve(strategy, 'tcp', (query) => query, { limits: { lingerMs: 100 } });
      const clients = await Promise.all(Array.from({ length: 20 }, () => TcpClient.to(at)));
      for (const client of clients.slice(10)) client.send(Buffer.from([0, 40, 1]));
      const start = performance.now();
      await listener.close({ graceMs: GRACE_MS });
      expect(performance.now() - start).toBeLessThan(1_000);
    });
  });
}
