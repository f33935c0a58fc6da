import { describe, expect, it } from 'vitest';
import { UpstreamError } from '../src/index.ts';
import { keepaliveOpt, outgoing, PROBE_NAME, qnameOf, responseTo } from './messages.ts';
import type { ServerSide } from './scripted-server.ts';
import { answer, names, Stage } from './stage.ts';

/** Ways in which a server can leave. */
const endings: [string, (connection: ServerSide) => void][] = [
  ['close_notify and FIN', ({ socket }) => socket.end()],
  ['FIN alone', ({ socket }) => socket.destroy()],
  ['RST', (connection) => connection.reset()],
];

describe('a connection that is lost', () => {
  it.each(endings)('by %s with 50 in flight and 20 answered costs no query', async (_what, end) => {
    await using stage = new Stage();
    const server = await stage.server();
    server.onQuery = (query, connection) => {
      if (connection.index > 0) return answer(query, connection);
      if (connection.queries.length < 50) return;
      connection.send(...connection.queries.slice(0, 20).map((sent) => responseTo(sent)));
      connection.socket.write('', () => end(connection));
    };
    const { outcome } = await stage.upstreams([server]);
    const asked = names(50);
    expect(await Promise.all(asked.map((name) => outcome(name)))).toEqual(asked);
    expect(server.queries.length).toBeGreaterThanOrEqual(80);
    expect(server.queries.length).toBeLessThanOrEqual(100);
  });

  it.each([1, 10, 100])('after each %i answers costs no query of a thousand', async (count) => {
    await using stage = new Stage();
    const server = await stage.server();
    const served = new Map<ServerSide, number>();
    server.onQuery = (query, connection) => {
      const before = served.get(connection) ?? 0;
      if (before >= count) return;
      served.set(connection, before + 1);
      answer(query, connection);
      if (before + 1 === count) connection.socket.end();
    };
    const { outcome } = await stage.upstreams([server]);
    const asked = names(1_000);
    const outcomes: string[] = [];
    const worker = async () => {
      for (let name = asked.pop(); name !== undefined; name = asked.pop()) {
        outcomes.push((await outcome(name)) === name ? 'right' : 'wrong');
      }
    };
    await Promise.all(Array.from({ length: 50 }, worker));
    expect(outcomes).toEqual(Array(1_000).fill('right'));
  });

  it('while idle is noticed, and the next query goes out once over a new one', async () => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer });
    const { outcome } = await stage.upstreams([server]);
    expect(await outcome('a.example.com')).toBe('a.example.com');
    server.connections[0]?.socket.end();
    await server.ended(0);
    expect(await outcome('b.example.com')).toBe('b.example.com');
    expect(server.queries).toHaveLength(2);
  });

  it('while a query goes out has the query asked again', async () => {
    await using stage = new Stage();
    const server = await stage.server();
    server.onQuery = (query, connection) => {
      if (connection.index === 0 && connection.queries.length === 2) connection.reset();
      else answer(query, connection);
    };
    const { outcome, seen } = await stage.upstreams([server]);
    expect(await outcome('a.example.com')).toBe('a.example.com');
    expect(await outcome('b.example.com')).toBe('b.example.com');
    expect(seen.retried).toEqual(['connection-lost']);
  });

  it.each([
    ['UPDATE', 5],
    ['an unknown opcode', 9],
  ])('is the end of %s, which is never sent twice', async (_what, opcode) => {
    await using stage = new Stage();
    const server = await stage.server();
    server.onQuery = (_query, connection) => connection.socket.end();
    const { outcome } = await stage.upstreams([server]);
    expect(await outcome('a.example.com', { opcode })).toBe('ERR_UPSTREAM_CLOSED');
    expect(server.queries).toHaveLength(1);
  });

  it('each time has the query sent three times at most', async () => {
    await using stage = new Stage();
    const server = await stage.server();
    server.onQuery = (_query, connection) => connection.socket.end();
    const { outcome } = await stage.upstreams([server], { limits: { backoffMinMs: 10 } });
    expect(await outcome('a.example.com')).toBe('ERR_UPSTREAM_CLOSED');
    expect(server.queries).toHaveLength(3);
  });

  it.each<[string, Buffer]>([
    ['a frame of length zero', Buffer.from([0, 0])],
    ['a frame of one octet', Buffer.from([0, 1, 7])],
    ['a frame of eleven octets', Buffer.concat([Buffer.from([0, 11]), Buffer.alloc(11, 7)])],
  ])('by us, since it brought %s, costs no other query', async (_what, garbage) => {
    await using stage = new Stage();
    const server = await stage.server();
    server.onQuery = (query, connection) => {
      if (connection.index === 0) connection.raw(garbage);
      else answer(query, connection);
    };
    const { outcome, seen } = await stage.upstreams([server], { limits: { backoffMinMs: 10 } });
    const asked = names(10);
    expect(await Promise.all(asked.map((name) => outcome(name)))).toEqual(asked);
    expect(seen.closed[0]?.reason).toBe('protocol');
  });

  it('within a frame hands no part of it to anybody', async () => {
    await using stage = new Stage();
    const server = await stage.server();
    server.onQuery = (query, connection) => {
      if (connection.index > 0) return answer(query, connection);
      const response = responseTo(query);
      connection.raw(Buffer.concat([Buffer.from([0, response.length]), response.subarray(0, -1)]));
      connection.socket.end();
    };
    const { outcome } = await stage.upstreams([server], { limits: { backoffMinMs: 10 } });
    expect(await outcome('a.example.com')).toBe('a.example.com');
    expect(server.connections).toHaveLength(2);
  });

  it('by us, after too many messages that answer nothing', async () => {
    await using stage = new Stage();
    const server = await stage.server();
    server.onQuery = (query, connection) => {
      if (connection.index > 0) return answer(query, connection);
      const stray = responseTo(outgoing('stray.example.com').message);
      connection.send(...Array<Buffer>(20).fill(stray));
    };
    const { outcome, seen } = await stage.upstreams([server], {
      limits: { maxMismatches: 10, backoffMinMs: 10 },
    });
    expect(await outcome('a.example.com')).toBe('a.example.com');
    expect(seen.strays).toHaveLength(11);
  });
});

describe('a connection that is silent', () => {
  it('is given up, and what it owes is asked over a new one', async () => {
    await using stage = new Stage();
    const server = await stage.server();
    server.onQuery = (query, connection) => {
      if (connection.index > 0) answer(query, connection);
    };
    const { outcome, seen } = await stage.upstreams([server], {
      limits: { stallTimeoutMs: 50, backoffMinMs: 10 },
    });
    const asked = names(10);
    expect(await Promise.all(asked.map((name) => outcome(name)))).toEqual(asked);
    expect(seen.closed[0]).toMatchObject({ reason: 'stalled', lost: 10 });
  });

  it('stays for an UPDATE, which may still be answered', async () => {
    await using stage = new Stage();
    const server = await stage.server();
    server.onQuery = (query, connection) => {
      if (connection.index > 0) {
        answer(query, connection);
        const [update] = server.queries;
        if (update !== undefined) server.connections[0]?.send(responseTo(update));
      }
    };
    const { outcome } = await stage.upstreams([server], { limits: { stallTimeoutMs: 50, backoffMinMs: 10 } });
    const update = outcome('update.example.com', { opcode: 5 });
    await server.received(1);
    expect(await outcome('a.example.com')).toBe('a.example.com');
    expect(await update).toBe('update.example.com');
    const asked = server.queries.map(qnameOf).filter((name) => name !== PROBE_NAME);
    expect(asked).toEqual(['update.example.com', 'a.example.com', 'a.example.com']);
  });

  it('is not given up for one slow name while it answers our probe', async () => {
    await using stage = new Stage();
    const server = await stage.server();
    server.onQuery = (query, connection) => {
      if (qnameOf(query) === PROBE_NAME) answer(query, connection);
    };
    const { outcome, seen, upstreams } = await stage.upstreams([server], {
      limits: { stallTimeoutMs: 200, queryTimeoutMs: 900 },
    });
    expect(await outcome('slow.example.com')).toBe('ERR_UPSTREAM_TIMEOUT');
    expect(seen.closed).toEqual([]);
    expect(upstreams.groups.get('default')?.servers[0]?.healthy).toBe(true);
    expect(server.queries.map(qnameOf).filter((name) => name !== PROBE_NAME)).toEqual(['slow.example.com']);
    expect(server.queries.length).toBeGreaterThan(3);
  });

  it('takes no more queries once one was overdue, though it is too early to call it dead', async () => {
    await using stage = new Stage();
    const server = await stage.server();
    server.onQuery = (query, connection) => {
      if (connection.index > 0) answer(query, connection);
    };
    const { outcome } = await stage.upstreams([server], {
      limits: { stallTimeoutMs: 5_000, queryTimeoutMs: 60 },
    });
    expect(await outcome('a.example.com')).toBe('ERR_UPSTREAM_TIMEOUT');
    expect(await outcome('b.example.com')).toBe('b.example.com');
    expect(server.connections).toHaveLength(2);
  });

  it('is not given up while it answers other queries', async () => {
    await using stage = new Stage();
    const server = await stage.server();
    server.onQuery = (query, connection) => {
      if (qnameOf(query) !== 'slow.example.com') answer(query, connection);
    };
    const { outcome, seen } = await stage.upstreams([server], {
      limits: { stallTimeoutMs: 200, queryTimeoutMs: 500 },
    });
    const slow = outcome('slow.example.com');
    let settled = false;
    void slow.then(() => {
      settled = true;
    });
    while (!settled) await outcome('quick.example.com');
    expect(await slow).toBe('ERR_UPSTREAM_TIMEOUT');
    expect(seen.closed).toEqual([]);
  });

  it('fails the query at its deadline with upstream, phase and age', async () => {
    await using stage = new Stage();
    const server = await stage.server();
    const { upstreams } = await stage.upstreams([server], { limits: { queryTimeoutMs: 60 } });
    const error = await upstreams.ask(outgoing('a.example.com')).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UpstreamError);
    expect(error).toMatchObject({
      code: 'ERR_UPSTREAM_TIMEOUT',
      phase: 'wait',
      ede: 22,
      upstream: upstreams.names[0],
    });
    expect(String(error)).toMatch(/no answer within 60 ms \(wait, connection \d+ ms old\)/);
  });
});

describe('answers that come too late', () => {
  it('are dropped, and their IDs are not used before', async () => {
    await using stage = new Stage();
    const server = await stage.server();
    const { outcome, seen } = await stage.upstreams([server], { limits: { queryTimeoutMs: 50 } });
    const late = outcome('late.example.com');
    await server.received(1);
    // A connection that brings nothing at all would be replaced.
    server.onQuery = answer;
    expect(await outcome('quick.example.com')).toBe('quick.example.com');
    expect(await late).toBe('ERR_UPSTREAM_TIMEOUT');
    server.onQuery = (query, connection) => {
      const [late] = server.queries;
      if (late !== undefined) connection.send(responseTo(late));
      answer(query, connection);
    };
    expect(await outcome('next.example.com')).toBe('next.example.com');
    expect(seen.strays).toEqual(['late']);
  });

  it('make the connection be replaced when too many are owed', async () => {
    await using stage = new Stage();
    const server = await stage.server();
    const { outcome, seen } = await stage.upstreams([server], {
      limits: { queryTimeoutMs: 50, maxLateAnswers: 5 },
    });
    await Promise.all(names(6).map((name) => outcome(name)));
    await server.ended(0);
    expect(seen.closed[0]?.reason).toBe('replaced');
    server.onQuery = answer;
    expect(await outcome('a.example.com')).toBe('a.example.com');
  });
});

describe('an idle connection', () => {
  it('is closed in order after the idle timeout', async () => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer });
    const { outcome, seen } = await stage.upstreams([server], { limits: { idleTimeoutMs: 100 } });
    await outcome('a.example.com');
    await server.ended(0);
    expect(seen.closed[0]).toMatchObject({ reason: 'idle', lost: 0 });
  });

  it('is closed before the time that the server announces', async () => {
    await using stage = new Stage();
    const server = await stage.server({
      onQuery: (query, c) => c.send(responseTo(query, { additional: keepaliveOpt(2) })),
    });
    const { outcome, seen } = await stage.upstreams([server]);
    await outcome('a.example.com');
    await server.ended(0);
    expect(seen.closed[0]?.reason).toBe('idle');
    expect(seen.closed[0]?.ageMs).toBeLessThan(600);
  });

  it('takes no more queries when the server announces zero', async () => {
    await using stage = new Stage();
    const server = await stage.server({
      onQuery: (query, c) => c.send(responseTo(query, { additional: keepaliveOpt(0) })),
    });
    const { outcome } = await stage.upstreams([server]);
    for (const name of names(3)) expect(await outcome(name)).toBe(name);
    expect(server.connections.map(({ queries }) => queries.length)).toEqual([1, 1, 1]);
  });
});
