import { describe, expect, it } from 'vitest';
import { outgoing, PROBE_NAME, qnameOf, responseTo } from './messages.ts';
import type { ScriptedServer, ServerSide } from './scripted-server.ts';
import { answer, names, Stage } from './stage.ts';

const asked = (server: ScriptedServer) => server.queries.map(qnameOf).filter((name) => name !== PROBE_NAME);
const servfail = (query: Buffer, connection: ServerSide) => connection.send(responseTo(query, { rcode: 2 }));
const hangUp = (_query: Buffer, connection: ServerSide) => connection.socket.destroy();
const silence = () => {};

describe('a race', () => {
  it('asks the first two, and the first good answer is the one', async () => {
    await using stage = new Stage();
    const servers = [await stage.server(), await stage.server({ onQuery: answer }), await stage.server()];
    const { upstreams } = await stage.upstreams(servers, { selection: 'race' });
    const { upstream } = await upstreams.ask(outgoing('a.example.com'));
    expect(upstream).toBe(upstreams.names[1]);
    expect(servers.map((server) => asked(server).length)).toEqual([1, 1, 0]);
  });

  it('prefers a good answer to SERVFAIL, and takes that when there is no other', async () => {
    await using stage = new Stage();
    const quick = await stage.server({ onQuery: servfail });
    const slow = await stage.server({
      onQuery: (query, connection) => void setTimeout(() => answer(query, connection), 20),
    });
    const { upstreams } = await stage.upstreams([quick, slow], { selection: 'race' });
    const good = await upstreams.ask(outgoing('a.example.com'));
    expect((good.message[3] ?? 0) & 15).toBe(0);
    slow.onQuery = servfail;
    const bad = await upstreams.ask(outgoing('b.example.com'));
    expect((bad.message[3] ?? 0) & 15).toBe(2);
  });

  it('puts another server in the place of one that fails', async () => {
    await using stage = new Stage();
    const servers = [
      await stage.server({ onQuery: hangUp }),
      await stage.server({ onQuery: hangUp }),
      await stage.server({ onQuery: answer }),
    ];
    const { outcome } = await stage.upstreams(servers, { selection: 'race' });
    for (const name of names(5)) expect(await outcome(name)).toBe(name);
    for (const server of servers) {
      const counts = names(5).map((name) => asked(server).filter((each) => each === name).length);
      expect(Math.max(...counts)).toBeLessThanOrEqual(3);
    }
  });

  it('is lost when all are lost, with no server asked more than three times', async () => {
    await using stage = new Stage();
    const servers = [await stage.server({ onQuery: hangUp }), await stage.server({ onQuery: hangUp })];
    const limits = { backoffMinMs: 10, patienceMs: 100 };
    const { outcome } = await stage.upstreams(servers, { selection: 'race', limits });
    expect(await outcome('a.example.com')).toBe('ERR_UPSTREAM_CLOSED');
    for (const server of servers) expect(asked(server).length).toBeLessThanOrEqual(3);
  });

  it('notices a server that never answers although the other always wins', async () => {
    await using stage = new Stage();
    const silent = await stage.server({ onQuery: silence });
    const good = await stage.server({ onQuery: answer });
    const limits = { stallTimeoutMs: 60 };
    const { outcome, seen } = await stage.upstreams([silent, good], { selection: 'race', limits });
    while (seen.closed.length === 0) await outcome('a.example.com');
    expect(seen.closed[0]?.reason).toBe('stalled');
  });

  it('is not held for UPDATE', async () => {
    await using stage = new Stage();
    const servers = [await stage.server({ onQuery: answer }), await stage.server({ onQuery: answer })];
    const { outcome } = await stage.upstreams(servers, { selection: 'race' });
    await outcome('a.example.com', { opcode: 5 });
    expect(servers.map((server) => asked(server).length)).toEqual([1, 0]);
  });

  it('does not keep a close waiting for its losers', async () => {
    await using stage = new Stage();
    const servers = [await stage.server(), await stage.server({ onQuery: answer })];
    const { upstreams } = await stage.upstreams(servers, { selection: 'race' });
    await upstreams.ask(outgoing('a.example.com'));
    const startedMs = performance.now();
    await upstreams.close({ graceMs: 4_000 });
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });
});

describe('hedging', () => {
  const limits = { hedgePercent: 10, hedgeFloorMs: 5 };

  it('asks a second server for what takes longer than usual', async () => {
    await using stage = new Stage();
    const first = await stage.server({ onQuery: answer });
    const second = await stage.server({ onQuery: answer });
    const { upstreams, outcome, seen } = await stage.upstreams([first, second], { limits });
    for (const name of names(50)) await outcome(name);
    const before = seen.hedged.length;
    first.onQuery = silence;
    const { upstream, timings } = await upstreams.ask(outgoing('slow.example.com'));
    expect(upstream).toBe(upstreams.names[1]);
    expect(timings.queueMs).toBeGreaterThan(4);
    expect(seen.hedged.length).toBe(before + 1);
    expect(asked(first).at(-1)).toBe('slow.example.com');
  });

  it('takes the first answer whoever it comes from', async () => {
    await using stage = new Stage();
    const first = await stage.server({ onQuery: answer });
    const second = await stage.server({ onQuery: silence });
    const { upstreams, outcome, seen } = await stage.upstreams([first, second], { limits });
    for (const name of names(50)) await outcome(name);
    first.onQuery = (query, connection) => void setTimeout(() => answer(query, connection), 60);
    const { upstream } = await upstreams.ask(outgoing('slow.example.com'));
    expect(upstream).toBe(upstreams.names[0]);
    expect(seen.hedged.length).toBeGreaterThan(0);
  });

  it('adds no more queries than its budget', async () => {
    await using stage = new Stage();
    const first = await stage.server({ onQuery: answer });
    const second = await stage.server({ onQuery: answer });
    const { outcome, seen } = await stage.upstreams([first, second], { limits });
    for (const name of names(30)) await outcome(name);
    first.onQuery = (query, connection) => void setTimeout(() => answer(query, connection), 40);
    const many = names(300, 'm');
    expect(await Promise.all(many.map((name) => outcome(name)))).toEqual(many);
    expect(seen.hedged.length).toBeGreaterThan(0);
    expect(seen.hedged.length).toBeLessThanOrEqual(33);
    expect(asked(second)).toHaveLength(seen.hedged.length);
  });

  it('does not ask an UPDATE twice', async () => {
    await using stage = new Stage();
    const first = await stage.server({ onQuery: answer });
    const second = await stage.server({ onQuery: answer });
    const { outcome } = await stage.upstreams([first, second], { limits });
    for (const name of names(50)) await outcome(name);
    const before = asked(second).filter((name) => name === 'update.example.com').length;
    first.onQuery = (query, connection) => void setTimeout(() => answer(query, connection), 60);
    expect(await outcome('update.example.com', { opcode: 5 })).toBe('update.example.com');
    expect(asked(second).filter((name) => name === 'update.example.com')).toHaveLength(before);
  });
});
