import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { UpstreamError } from '../src/index.ts';
import { Latency } from '../src/latency.ts';
import { createFailover } from '../src/selection/failover.ts';
import { createFastest } from '../src/selection/fastest.ts';
import { createRoundRobin } from '../src/selection/round-robin.ts';
import { outgoing, PROBE_NAME, qnameOf, responseTo } from './messages.ts';
import type { ScriptedServer } from './scripted-server.ts';
import { answer, names, Stage } from './stage.ts';

const candidate = (name: string, healthy = true, outUntilMs = 0, ms: number | null = null) => {
  const latency = new Latency();
  if (ms !== null) latency.took(ms);
  return { name, healthy, outUntilMs, latency, probe: vi.fn() };
};

describe('failover', () => {
  it('takes the first healthy server and probes better ones that may be tried', () => {
    const all = [candidate('a', false), candidate('b', false, 99), candidate('c'), candidate('d', false)];
    const selection = createFailover(all);
    expect(selection.choose(50, [])?.name).toBe('c');
    expect(all.map(({ probe }) => probe.mock.calls.length)).toEqual([1, 0, 0, 0]);
  });

  it('takes nobody who was tried, nor anybody when none is healthy', () => {
    const [a, b] = [candidate('a'), candidate('b', false, 99)];
    expect(createFailover([a, b]).choose(50, [a])).toBe(null);
  });
});

describe('round-robin', () => {
  it('takes each healthy server in turn and probes those that are down', () => {
    const all = [candidate('a'), candidate('b', false), candidate('c')];
    const selection = createRoundRobin(all);
    const chosen = Array.from({ length: 4 }, () => selection.choose(50, [])?.name);
    expect(chosen).toEqual(['a', 'c', 'a', 'c']);
    expect(all[1]?.probe).toHaveBeenCalledTimes(2);
  });
});

describe('fastest', () => {
  it('takes the lowest latency, and first of all one that was never asked', () => {
    const [slow, quick, down] = [
      candidate('slow', true, 0, 30),
      candidate('quick', true, 0, 3),
      candidate('x', false),
    ];
    expect(createFastest([slow, quick, down], 0).choose(50, [])?.name).toBe('quick');
    expect(createFastest([slow, quick, candidate('new')], 0).choose(50, [])?.name).toBe('new');
    expect(createFastest([slow, quick], 0).choose(50, [quick])?.name).toBe('slow');
  });

  it('gives the share that was asked for to all, by chance', () => {
    const all = [candidate('slow', true, 0, 30), candidate('quick', true, 0, 3)];
    const selection = createFastest(all, 20);
    const chosen = Array.from({ length: 5_000 }, () => selection.choose(50, [])?.name);
    const slow = chosen.filter((name) => name === 'slow').length / chosen.length;
    // Half of the 20 % falls to the quick one.
    expect(slow).toBeGreaterThan(0.06);
    expect(slow).toBeLessThan(0.14);
  });
});

describe('Latency', () => {
  it('finds the 95th percentile of what it sees, and follows when that changes', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 50, noNaN: true }), fc.integer(), (scale, seed) => {
        const latency = new Latency();
        let state = seed >>> 0 || 1;
        const random = () => {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
          return state / 2 ** 32;
        };
        const learn = (factor: number) => {
          for (let count = 0; count < 3_000; count++) latency.took(factor * (1 + 9 * random()));
          // Of a uniform distribution from 1 to 10, 9.55 is the 95th percentile.
          expect(latency.p95Ms).toBeGreaterThan(factor * 6.5);
          expect(latency.p95Ms).toBeLessThan(factor * 14);
        };
        learn(scale);
        learn(scale * 8);
        learn(scale);
      }),
      { numRuns: 30 },
    );
  });

  it('says nothing before it has seen enough', () => {
    const latency = new Latency();
    for (let count = 0; count < 19; count++) latency.took(1);
    expect(latency.p95Ms).toBe(null);
    latency.took(1);
    expect(latency.p95Ms).toBeCloseTo(1, 0);
  });
});

const asked = (server: ScriptedServer) => server.queries.map(qnameOf).filter((name) => name !== PROBE_NAME);
const servfail = (query: Buffer, connection: { send(message: Buffer): void }) =>
  connection.send(responseTo(query, { rcode: 2 }));

describe('a group', () => {
  it('spreads queries with round-robin', async () => {
    await using stage = new Stage();
    const servers = [await stage.server({ onQuery: answer }), await stage.server({ onQuery: answer })];
    const { outcome } = await stage.upstreams(servers, { selection: 'round-robin' });
    for (const name of names(10)) expect(await outcome(name)).toBe(name);
    expect(servers.map((server) => asked(server).length)).toEqual([5, 5]);
  });

  it('goes to the quicker server with fastest, and away from it when it becomes slow', async () => {
    await using stage = new Stage();
    const late = (query: Buffer, connection: Parameters<typeof answer>[1]) =>
      void setTimeout(() => answer(query, connection), 20);
    const first = await stage.server({ onQuery: late });
    const second = await stage.server({ onQuery: answer });
    const limits = { explorePercent: 20 };
    const { outcome } = await stage.upstreams([first, second], { selection: 'fastest', limits });
    for (const name of names(40)) await outcome(name);
    const before = asked(first).length;
    expect(before).toBeLessThan(20);
    [first.onQuery, second.onQuery] = [answer, late];
    for (const name of names(100)) await outcome(name);
    expect(asked(first).length - before).toBeGreaterThan(35);
  });

  it('passes SERVFAIL on as the answer that it is', async () => {
    await using stage = new Stage();
    const first = await stage.server({ onQuery: servfail });
    const second = await stage.server({ onQuery: answer });
    const { upstreams } = await stage.upstreams([first, second]);
    const { message } = await upstreams.ask(outgoing('a.example.com'));
    expect((message[3] ?? 0) & 15).toBe(2);
    expect(second.accepted).toBe(0);
  });

  it('asks elsewhere after SERVFAIL where that is a failure, and passes it on when all say so', async () => {
    await using stage = new Stage();
    const first = await stage.server({ onQuery: servfail });
    const second = await stage.server({ onQuery: answer });
    const { upstreams, seen } = await stage.upstreams([first, second], { servfail: 'failure' });
    const good = await upstreams.ask(outgoing('a.example.com'));
    expect([(good.message[3] ?? 0) & 15, good.upstream]).toEqual([0, upstreams.names[1]]);
    second.onQuery = servfail;
    const bad = await upstreams.ask(outgoing('b.example.com'));
    expect((bad.message[3] ?? 0) & 15).toBe(2);
    second.onQuery = (_query, connection) => connection.socket.destroy();
    const only = await upstreams.ask(outgoing('c.example.com'));
    expect((only.message[3] ?? 0) & 15).toBe(2);
    expect(seen.retried.filter((why) => why === 'servfail')).toHaveLength(3);
    // One name that fails says nothing about the server.
    expect(upstreams.groups.get('default')?.servers[0]?.healthy).toBe(true);
  });

  it('asks one server alone when told to', async () => {
    await using stage = new Stage();
    const first = await stage.server({ onQuery: answer });
    const second = await stage.server({ onQuery: (_query, connection) => connection.socket.destroy() });
    const { upstreams } = await stage.upstreams([first, second], { limits: { patienceMs: 0 } });
    const group = upstreams.groups.get('default');
    const { upstream } = (await group?.askServer(upstreams.names[0] ?? '', outgoing('a.example.com'))) ?? {};
    expect(upstream).toBe(upstreams.names[0]);
    const error = await group
      ?.askServer(upstreams.names[1] ?? '', outgoing('b.example.com'))
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UpstreamError);
    expect(asked(first)).toEqual(['a.example.com']);
    await expect(group?.askServer('nobody', outgoing('c.example.com'))).rejects.toThrow(/nobody/);
  });
});
