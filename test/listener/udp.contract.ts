import { HANG_UP, type Strategy } from '@tridot/listener';
import { describe, expect, it } from 'vitest';
import { queryFor, SELF_POINTING, UdpClient } from './clients.ts';
import { HeldQueries, serve } from './subject.ts';

export function udpContract(strategy: Strategy): void {
  describe('over UDP', () => {
    it.each(['127.0.0.1', '::1'])('answers from the address that was asked, %s', async (address) => {
      const clients: unknown[] = [];
      const { at } = await serve(
        strategy,
        'udp',
        (query, client) => {
          clients.push(client);
          return query;
        },
        { address },
      );
      const client = await UdpClient.to(at);
      const query = queryFor('a');
      expect(await client.send(query).next(1)).toEqual([query]);
      expect(client.from[0]).toMatchObject({ address, port: at.port });
      expect(clients).toEqual([{ transport: 'udp', address, port: client.socket.address().port }]);
    });

    it('hands every datagram to the handler as it is, empty and unreadable ones too', async () => {
      const held = new HeldQueries();
      const { at } = await serve(strategy, 'udp', held.handler);
      const client = await UdpClient.to(at);
      const cutOpt = Buffer.concat([queryFor('a'), Buffer.from('000029', 'hex')]);
      cutOpt[11] = 1;
      const sent = [
        Buffer.alloc(0),
        Buffer.from([0]),
        Buffer.alloc(11),
        SELF_POINTING,
        cutOpt,
        Buffer.alloc(60_000, 0xff),
        queryFor('\xff.\0'),
      ];
      for (const [index, datagram] of sent.entries()) {
        client.send(datagram);
        await held.count(index + 1);
      }
      expect(held.queries).toEqual(sent);
    });

    it('sends replies of any size that fits a datagram', async () => {
      const { at } = await serve(strategy, 'udp', (query) => Buffer.alloc(query.readUInt16BE(0), 7));
      const client = await UdpClient.to(at);
      for (const [index, size] of [12, 512, 513, 4097, 65_507].entries()) {
        const received = await client.send(queryFor('size', size)).next(index + 1);
        expect(received[index]).toEqual(Buffer.alloc(size, 7));
      }
    });

    it('counts a reply that the system refuses and lives on', async () => {
      const { at, seen } = await serve(strategy, 'udp', (query) =>
        query.readUInt16BE(0) === 1 ? Buffer.alloc(65_508) : query,
      );
      const client = await UdpClient.to(at);
      client.send(queryFor('too-long', 1));
      await seen('send-failed');
      expect(await client.send(queryFor('a', 2)).next(1)).toEqual([queryFor('a', 2)]);
    });

    it('is silent on null and on HANG_UP, and answers out of order', async () => {
      const held = new HeldQueries();
      const { at } = await serve(strategy, 'udp', held.handler);
      const client = await UdpClient.to(at);
      for (let id = 0; id < 4; id += 1) {
        client.send(queryFor('a', id));
        await held.count(id + 1);
      }
      held.answer(0, null);
      held.answer(1, HANG_UP);
      held.answer(3, queryFor('last'));
      await client.next(1);
      held.answer(2, queryFor('third'));
      expect(await client.next(2)).toEqual([queryFor('last'), queryFor('third')]);
    });

    it('drops what comes while maxInFlight queries are out, and counts it', async () => {
      const held = new HeldQueries();
      const { at, seen, events } = await serve(strategy, 'udp', held.handler, { limits: { maxInFlight: 2 } });
      const client = await UdpClient.to(at);
      for (let id = 0; id < 3; id += 1) client.send(queryFor('a', id));
      await seen('overload-dropped');
      held.answerAll();
      await client.next(2);
      client.send(queryFor('b', 9));
      await held.count(3);
      expect(held.queries[2]).toEqual(queryFor('b', 9));
      expect(events).toEqual(['overload-dropped']);
    });

    it('survives a client that is gone before its reply', async () => {
      const held = new HeldQueries();
      const { at } = await serve(strategy, 'udp', held.handler);
      const gone = await UdpClient.to(at);
      gone.send(queryFor('a'));
      await held.count(1);
      await gone.leave();
      held.answer(0, queryFor('a'));
      const client = await UdpClient.to(at);
      client.send(queryFor('b'));
      await held.count(2);
      held.answer(1, queryFor('b'));
      expect(await client.next(1)).toEqual([queryFor('b')]);
    });

    it('tells the receive buffer that the system granted', async () => {
      const small = await serve(strategy, 'udp', (query) => query, { limits: { receiveBufferBytes: 4_096 } });
      const large = await serve(strategy, 'udp', (query) => query, {
        limits: { receiveBufferBytes: 131_072 },
      });
      expect(large.at.receiveBufferBytes).toBeGreaterThan(small.at.receiveBufferBytes ?? 0);
    });
  });
}
