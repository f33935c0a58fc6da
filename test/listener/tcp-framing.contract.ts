import { HANG_UP, type Strategy } from '@tridot/listener';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { framed, queryFor, SELF_POINTING, TcpClient } from './clients.ts';
import { HeldQueries, serve } from './subject.ts';

export function tcpFramingContract(strategy: Strategy): void {
  describe('over TCP: frames', () => {
    it('takes a frame that is cut anywhere', async () => {
      const held = new HeldQueries();
      const { at } = await serve(strategy, 'tcp', held.handler);
      const frame = framed(queryFor('cut'));
      for (let cut = 1; cut < frame.length; cut += 1) {
        const client = await TcpClient.to(at);
        await client.sendNow(frame.subarray(0, cut));
        client.send(frame.subarray(cut));
        await held.count(cut);
      }
      expect(new Set(held.queries.map((query) => query.toString('hex'))).size).toBe(1);
    });

    it('finds the same messages however the octets are cut', async () => {
      const message = fc.uint8Array({ maxLength: 40 }).map((octets) => Buffer.from(octets));
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.oneof(message, fc.constant(queryFor('a')), fc.constant(SELF_POINTING)), {
            minLength: 1,
            maxLength: 8,
          }),
          fc.array(fc.nat(400), { maxLength: 6 }),
          async (messages, cuts) => {
            const held = new HeldQueries();
            const { listener, at } = await serve(strategy, 'tcp', held.handler);
            const client = await TcpClient.to(at);
            const octets = framed(...messages);
            const offsets = [0, ...cuts.filter((cut) => cut < octets.length), octets.length].sort(
              (a, b) => a - b,
            );
            for (const [index, offset] of offsets.entries()) {
              const part = octets.subarray(offsets[index - 1] ?? 0, offset);
              await client.sendNow(part);
            }
            await held.count(messages.length);
            expect(held.queries).toEqual(messages);
            held.answerAll();
            expect(await client.next(messages.length)).toEqual(messages);
            client.socket.destroy();
            await listener.close();
          },
        ),
        { numRuns: 60 },
      );
    });

    it('notices a zero-length frame at the end of a segment', async () => {
      const { at } = await serve(strategy, 'tcp', (query) => (query.length === 0 ? HANG_UP : query));
      const client = await TcpClient.to(at);
      client.send(framed(queryFor('a'), Buffer.alloc(0)));
      expect(await client.untilEnd()).toEqual([queryFor('a')]);
      const second = await TcpClient.to(at);
      expect(await second.send(framed(Buffer.alloc(0))).untilEnd()).toEqual([]);
    });

    it('carries messages of 65 535 octets both ways', async () => {
      const query = Buffer.alloc(65_535, 0x2a);
      const { at } = await serve(strategy, 'tcp', (message) => Buffer.from(message).reverse());
      const client = await TcpClient.to(at);
      expect(await client.send(framed(query, queryFor('a'))).next(2)).toEqual([
        query,
        Buffer.from(queryFor('a')).reverse(),
      ]);
    });

    it('gathers a long frame that comes octet by octet without copying it for each', async () => {
      const { at } = await serve(strategy, 'tcp', (message) => message);
      const client = await TcpClient.to(at);
      const query = Buffer.alloc(3_000, 7);
      for (const octet of framed(query)) await client.sendNow(Buffer.from([octet]));
      expect(await client.next(1)).toEqual([query]);
    });

    it('does not send a reply that its length prefix cannot say', async () => {
      const { at, seen } = await serve(strategy, 'tcp', (query) =>
        query.readUInt16BE(0) === 1 ? Buffer.alloc(65_536) : query,
      );
      const client = await TcpClient.to(at);
      client.send(framed(queryFor('a', 1), queryFor('b', 2)));
      await seen('send-failed');
      expect(await client.next(1)).toEqual([queryFor('b', 2)]);
    });

    it('answers many frames of one segment, out of order, each whole', async () => {
      const held = new HeldQueries();
      const { at } = await serve(strategy, 'tcp', held.handler);
      const client = await TcpClient.to(at);
      const queries = Array.from({ length: 100 }, (_, id) => queryFor('a', id));
      client.send(framed(...queries));
      await held.count(100);
      const replies = queries.map((query, id) => Buffer.concat([query, Buffer.alloc(id * 300, id)]));
      for (const [id, reply] of [...replies.entries()].reverse()) held.answer(id, reply);
      expect(await client.next(100)).toEqual(replies.reverse());
    });

    it('says who the client is', async () => {
      const clients: unknown[] = [];
      const { at } = await serve(
        strategy,
        'tcp',
        (query, client) => {
          clients.push(client);
          return query;
        },
        { address: '::1' },
      );
      const client = await TcpClient.to(at);
      await client.send(framed(queryFor('a'), SELF_POINTING)).next(2);
      const { localAddress, localPort } = client.socket;
      const expected = { transport: 'tcp', address: localAddress, port: localPort };
      expect(clients).toMatchObject([expected, expected]);
    });
  });
}
