import { framedLength } from '@tridot/wire';
import { describe, expect, it } from 'vitest';
import { outgoing, qnameOf, responseTo } from './messages.ts';
import { answer, names, Stage } from './stage.ts';

describe('queries and answers over one connection', () => {
  it('gives each query its own answer when they come in reverse order', async () => {
    await using stage = new Stage();
    const server = await stage.server();
    const { outcome, seen } = await stage.upstreams([server]);
    const asked = names(200);
    const answers = Promise.all(asked.map((name) => outcome(name)));
    await server.received(asked.length);
    const [connection] = server.connections;
    connection?.send(...server.queries.map((query) => responseTo(query)).reverse());
    expect(await answers).toEqual(asked);
    expect(seen.opened).toHaveLength(1);
  });

  it('asks 200 queries one after another over one connection', async () => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer });
    const { outcome } = await stage.upstreams([server]);
    for (const name of names(200)) expect(await outcome(name)).toBe(name);
    expect(server.accepted).toBe(1);
  });

  it('writes the queries of one turn together, padded, each with an ID of its own', async () => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer });
    const { upstreams, outcome } = await stage.upstreams([server]);
    await outcome('first.example.com');
    await Promise.all(names(20).map((name) => upstreams.ask(outgoing(name))));
    const [connection] = server.connections;
    expect(connection?.reads).toEqual([130, 20 * framedLength(outgoing('n0.example.com'), 128)]);
    expect(server.queries.map((query) => query.length % 128)).toEqual(Array(21).fill(0));
    const ids = server.queries.slice(1).map((query) => query.readUInt16BE(0));
    expect(new Set(ids).size).toBe(20);
  });

  it('leaves padding out when it is switched off', async () => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer });
    const { outcome } = await stage.upstreams([server], { limits: { padBlockBytes: 0 } });
    await outcome('a.example.com');
    expect(server.queries[0]?.length).toBe(outgoing('a.example.com').message.length);
  });

  it('draws message IDs that neither repeat in flight nor count', async () => {
    await using stage = new Stage();
    const server = await stage.server();
    const { outcome } = await stage.upstreams([server]);
    const answers = Promise.all(names(2_000).map((name) => outcome(name)));
    await server.received(2_000);
    const ids = server.queries.map((query) => query.readUInt16BE(0));
    expect(new Set(ids).size).toBe(2_000);
    const steps = ids.slice(1).map((id, index) => id - (ids[index] ?? 0));
    expect(new Set(steps).size).toBeGreaterThan(1_500);
    server.connections[0]?.send(...server.queries.map((query) => responseTo(query)));
    await answers;
  });

  it.each<[string, (response: Buffer) => void]>([
    ['another ID', (response) => response.writeUInt16BE(response.readUInt16BE(0) ^ 1, 0)],
    ['another name', (response) => response.writeUInt8(0x7a, 13)],
    ['another type', (response) => response.writeUInt8(28, response.length - 3)],
    ['another class', (response) => response.writeUInt8(3, response.length - 1)],
    ['two questions', (response) => response.writeUInt8(2, 5)],
    ['QR=0', (response) => response.writeUInt8(0x01, 2)],
    ['another opcode', (response) => response.writeUInt8(0x80 | (4 << 3), 2)],
  ])('ignores a response with %s and takes the right one that follows', async (_what, spoil) => {
    await using stage = new Stage();
    const server = await stage.server({
      onQuery(query, connection) {
        const wrong = responseTo(query);
        spoil(wrong);
        connection.send(wrong, responseTo(query, { rcode: 3 }));
      },
    });
    const { upstreams, seen } = await stage.upstreams([server]);
    const { message } = await upstreams.ask(outgoing('a.example.com'));
    expect((message[3] ?? 0) & 15).toBe(3);
    expect(seen.strays).toHaveLength(1);
  });

  it('takes a response without a question by its ID', async () => {
    await using stage = new Stage();
    const server = await stage.server({
      onQuery(query, connection) {
        const response = responseTo(query).subarray(0, 12);
        response[5] = 0;
        connection.send(response);
      },
    });
    const { upstreams } = await stage.upstreams([server]);
    expect((await upstreams.ask(outgoing('a.example.com'))).message).toHaveLength(12);
  });

  it('ignores responses that nobody asked for and those that come twice', async () => {
    await using stage = new Stage();
    const server = await stage.server({
      onConnection: (connection) => connection.send(responseTo(outgoing('before.example.com').message)),
      onQuery: (query, connection) => connection.send(responseTo(query), responseTo(query)),
    });
    const { outcome, seen } = await stage.upstreams([server]);
    for (const name of names(50)) expect(await outcome(name)).toBe(name);
    expect(seen.opened).toHaveLength(1);
    expect(seen.strays).toContain('unknown-id');
  });

  it('reads frames that come one octet in each TLS record', async () => {
    await using stage = new Stage();
    const server = await stage.server({
      onQuery(query, connection) {
        const response = responseTo(query, { trailing: Buffer.alloc(40) });
        const framed = Buffer.concat([Buffer.from([0, response.length]), response]);
        for (const octet of framed) connection.raw(Buffer.from([octet]));
      },
    });
    const { outcome } = await stage.upstreams([server]);
    for (const name of names(5)) expect(await outcome(name)).toBe(name);
  });

  it('carries messages of 65 535 octets both ways', async () => {
    await using stage = new Stage();
    const server = await stage.server({
      onQuery: (query, connection) =>
        connection.send(Buffer.concat([responseTo(query), Buffer.alloc(65_535)]).subarray(0, 65_535)),
    });
    const { upstreams } = await stage.upstreams([server]);
    const small = outgoing('a.example.com', { edns: true });
    // Filled up by octets behind the last record, which nobody may touch.
    const message = Buffer.concat([small.message, Buffer.alloc(65_535 - small.message.length, 7)]);
    const { message: response } = await upstreams.ask({ ...small, message, optOffset: -1 });
    expect(response).toHaveLength(65_535);
    expect(server.queries[0]?.subarray(2).equals(message.subarray(2))).toBe(true);
  });

  it('asks again without OPT when the server refuses the one that we added', async () => {
    await using stage = new Stage();
    const server = await stage.server({
      onQuery(query, connection) {
        connection.send(responseTo(query, { rcode: query[11] === 0 ? 0 : 1 }));
      },
    });
    const { upstreams, seen } = await stage.upstreams([server]);
    const { message } = await upstreams.ask(outgoing('a.example.com'));
    expect((message[3] ?? 0) & 15).toBe(0);
    expect(server.queries.map((query) => query[11])).toEqual([1, 0]);
    expect(seen.retried).toEqual(['opt-refused']);
  });

  it('passes FORMERR on when the OPT was the client\u2019s', async () => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: (query, c) => c.send(responseTo(query, { rcode: 1 })) });
    const { upstreams } = await stage.upstreams([server]);
    const { message } = await upstreams.ask(outgoing('a.example.com', { edns: true }));
    expect((message[3] ?? 0) & 15).toBe(1);
    expect(server.queries).toHaveLength(1);
  });

  it('does not let a slow name hold up others', async () => {
    await using stage = new Stage();
    const server = await stage.server({
      onQuery(query, connection) {
        if (qnameOf(query) !== 'slow.example.com') answer(query, connection);
      },
    });
    const { outcome } = await stage.upstreams([server]);
    const slow = outcome('slow.example.com');
    await server.received(1);
    for (const name of names(20)) expect(await outcome(name)).toBe(name);
    const [query] = server.queries;
    if (query !== undefined) server.connections[0]?.send(responseTo(query));
    expect(await slow).toBe('slow.example.com');
  });
});
