import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import {
  atRandom,
  closeAfter,
  closeWhenIdle,
  delay,
  finAfter,
  halfCloseAfter,
  hold,
  onConnections,
  onFirst,
  onQueries,
  reorder,
  resetAfter,
  shuffle,
  silence,
  wrongId,
} from '../src/behaviours/index.ts';
import { framed } from '../src/message.ts';
import { query } from '../src/query.ts';
import { Tap } from '../src/tap.ts';
import { clientOf, numbered, upstreamWith } from './fixture.ts';

const ids = (messages: readonly Buffer[]) => messages.map((message) => message.readUInt16BE(0));
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('when answers leave', () => {
  it('delay answers late', async () => {
    const client = await clientOf(await upstreamWith([delay(60)]));
    const start = performance.now();
    await client.ask(query({ name: 'example.com' }));
    expect(performance.now() - start).toBeGreaterThan(55);
  });

  it('hold keeps answers until they are released', async () => {
    const gate = hold();
    const upstream = await upstreamWith([gate]);
    const client = await clientOf(upstream);
    client.send(...numbered(5));
    await upstream.waitForQueries(5);
    expect(gate.held).toBe(5);
    gate.release(2);
    expect(ids(await client.received(2))).toEqual([0, 1]);
    gate.open();
    expect(ids(await client.received(5))).toEqual(upTo(5));
    await client.ask(query({ name: 'example.com' }));
  });

  it('reorder answers each block last first', async () => {
    const client = await clientOf(await upstreamWith([reorder(3)]));
    client.send(...numbered(6));
    expect(ids(await client.received(6))).toEqual([2, 1, 0, 5, 4, 3]);
  });

  it('shuffle answers each block in another order, each query once', async () => {
    const client = await clientOf(await upstreamWith([shuffle(50)]));
    client.send(...numbered(50));
    const order = ids(await client.received(50));
    expect(order).not.toEqual(upTo(50));
    expect(order.toSorted((a, b) => a - b)).toEqual(upTo(50));
  });

  it('silence takes queries and does not answer; behaviours change at run time', async () => {
    const upstream = await upstreamWith([silence()]);
    const client = await clientOf(upstream);
    client.send(...numbered(3));
    await upstream.waitForQueries(3);
    upstream.behave();
    await client.ask(query({ name: 'example.com', id: 99 }));
    expect(ids(client.messages)).toEqual([99]);
  });
});

describe('how connections end', () => {
  it.each([
    { name: 'closeAfter', behaviour: closeAfter(2), ended: true, error: null },
    { name: 'finAfter', behaviour: finAfter(2), ended: true, error: null },
  ])('$name ends after two answers', async ({ behaviour }) => {
    const upstream = await upstreamWith([behaviour]);
    const client = await clientOf(upstream);
    client.send(...numbered(5));
    await client.until(() => client.closed, 'the end');
    expect(ids(client.messages)).toEqual([0, 1]);
    expect(client.error).toBeNull();
    expect(upstream.journal.queryCount).toBe(5);
  });

  it.each([
    { behaviour: closeAfter(1), closeNotify: true },
    { behaviour: finAfter(1), closeNotify: false },
  ])('$behaviour.name: close_notify $closeNotify', async ({ behaviour, closeNotify }) => {
    const upstream = await upstreamWith([behaviour]);
    const tap = new Tap(connectTcp(upstream.port, upstream.host), () => undefined);
    const socket = connectTls({ socket: tap, ca: upstream.caPem, servername: upstream.authName });
    socket.resume();
    socket.write(Buffer.concat(numbered(1).map(framed)));
    await once(socket, 'end');
    expect(tap.endDelivered).toBe(!closeNotify);
    socket.destroy();
  });

  it('resetAfter cuts with RST', async () => {
    const upstream = await upstreamWith([resetAfter(0)]);
    const client = await clientOf(upstream);
    client.send(...numbered(5));
    expect(await client.failed()).toBe('ECONNRESET');
    expect(client.messages).toHaveLength(0);
  });

  it('halfCloseAfter goes on taking queries', async () => {
    const upstream = await upstreamWith([halfCloseAfter(1)]);
    const client = await clientOf(upstream);
    client.socket.allowHalfOpen = true;
    client.raw.allowHalfOpen = true;
    client.send(...numbered(1));
    await client.until(() => client.ended, 'the end');
    client.send(...numbered(2));
    await upstream.waitForQueries(3);
    expect(client.messages).toHaveLength(1);
  });

  it('closeWhenIdle closes a connection that brings nothing, and not one that does', async () => {
    const upstream = await upstreamWith([closeWhenIdle(400)]);
    const client = await clientOf(upstream);
    const start = performance.now();
    for (let i = 0; i < 4; i += 1) {
      await client.ask(query({ name: 'example.com' }));
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    await client.until(() => client.closed, 'the end');
    expect(performance.now() - start).toBeGreaterThan(800);
    expect(client.messages).toHaveLength(4);
    expect(client.error).toBeNull();
  });
});

describe('for whom a behaviour is', () => {
  it('onConnections is for those connections alone', async () => {
    const upstream = await upstreamWith([onConnections([1], silence())]);
    const first = await clientOf(upstream);
    const second = await clientOf(upstream);
    first.send(...numbered(1));
    await upstream.waitForQueries(1);
    await second.ask(query({ name: 'example.com' }));
    expect(first.messages).toHaveLength(0);
  });

  it('onQueries is for that name alone, letter case aside', async () => {
    const gate = hold();
    const upstream = await upstreamWith([onQueries('slow.example.com', gate)]);
    const client = await clientOf(upstream);
    client.send(query({ name: 'SLOW.example.com', id: 1 }), query({ name: 'example.com', id: 2 }));
    expect(ids(await client.received(1))).toEqual([2]);
    gate.release();
    expect(ids(await client.received(2))).toEqual([2, 1]);
  });

  it('onFirst is for the first queries', async () => {
    const client = await clientOf(await upstreamWith([onFirst(2, wrongId())]));
    client.send(...numbered(4));
    expect(ids(await client.received(4))).toEqual([1, 0, 2, 3]);
  });

  it('atRandom chooses one for each query, the same for the same seed', async () => {
    const runs = [];
    for (let run = 0; run < 2; run += 1) {
      const client = await clientOf(await upstreamWith([atRandom(7, wrongId(), { name: 'answer' })]));
      client.send(...numbered(40));
      runs.push(ids(await client.received(40)));
    }
    const right = runs[0]?.filter((id, index) => id === index).length ?? 0;
    expect(right).toBeGreaterThan(5);
    expect(right).toBeLessThan(35);
    expect(runs[1]).toEqual(runs[0]);
  });
});
