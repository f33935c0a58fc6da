import { describe, expect, it } from 'vitest';
import { UpstreamError } from '../src/index.ts';
import { timingsOf } from '../src/timings.ts';
import { outgoing, qnameOf } from './messages.ts';
import { answer, Stage } from './stage.ts';

describe('timingsOf', () => {
  const setup = { startedMs: 90, connectedMs: 120, securedMs: 150, tls: 'full' } as const;

  it('gives a query its part of the setup that it waited for', () => {
    expect(timingsOf({ startedMs: 100, sentMs: 152, setup, sends: 1 }, 200)).toEqual({
      queueMs: 2,
      dialMs: 20,
      tlsMs: 30,
      waitMs: 48,
      tls: 'full',
      connectionAgeMs: 50,
      sends: 1,
    });
    expect(timingsOf({ startedMs: 130, sentMs: 152, setup, sends: 1 }, 200)).toMatchObject({
      dialMs: 0,
      tlsMs: 20,
    });
    expect(timingsOf({ startedMs: 160, sentMs: 160, setup, sends: 1 }, 200)).toMatchObject({
      queueMs: 0,
      dialMs: 0,
      tlsMs: 0,
      waitMs: 40,
    });
  });

  it('says what there is of a query that was never sent', () => {
    expect(timingsOf({ startedMs: 100, sentMs: 0, setup: null, sends: 0 }, 200)).toEqual({
      queueMs: 100,
      dialMs: 0,
      tlsMs: 0,
      waitMs: 0,
      tls: null,
      connectionAgeMs: null,
      sends: 0,
    });
  });
});

describe('an answer', () => {
  it('says where its time went, over a new, an old and a resumed connection', async () => {
    await using stage = new Stage();
    const server = await stage.server({
      onQuery: (query, connection) => void setTimeout(() => answer(query, connection), 20),
    });
    const { upstreams } = await stage.upstreams([server]);
    const startedMs = performance.now();
    const { timings: first } = await upstreams.ask(outgoing('a.example.com'));
    const tookMs = performance.now() - startedMs;
    expect(first).toMatchObject({ tls: 'full', sends: 1 });
    expect(first.tlsMs).toBeGreaterThan(0);
    expect(first.waitMs).toBeGreaterThan(18);
    const sumMs = first.queueMs + first.dialMs + first.tlsMs + first.waitMs;
    expect(sumMs).toBeLessThanOrEqual(tookMs);
    expect(sumMs).toBeGreaterThan(tookMs - 15);

    const { timings: second } = await upstreams.ask(outgoing('b.example.com'));
    expect(second).toMatchObject({ queueMs: 0, dialMs: 0, tlsMs: 0 });
    expect(second.connectionAgeMs).toBeGreaterThan(first.connectionAgeMs ?? 0);

    server.connections[0]?.socket.end();
    await server.ended(0);
    const { timings: third } = await upstreams.ask(outgoing('c.example.com'));
    expect(third.tls).toBe('resumed');
  });

  it('counts a lost attempt as time in the queue', async () => {
    await using stage = new Stage();
    const server = await stage.server({
      onQuery(query, connection) {
        if (qnameOf(query) === 'a.example.com' || connection.index > 0) answer(query, connection);
        else setTimeout(() => connection.reset(), 30);
      },
    });
    const { upstreams } = await stage.upstreams([server]);
    await upstreams.ask(outgoing('a.example.com'));
    const { timings } = await upstreams.ask(outgoing('b.example.com'));
    expect(timings.sends).toBe(2);
    expect(timings.queueMs).toBeGreaterThan(28);
    expect(timings.dialMs + timings.tlsMs).toBeGreaterThan(0);
  });
});

describe('an error', () => {
  it('has the timings of its own query', async () => {
    await using stage = new Stage();
    const server = await stage.server({}, { dnsNames: ['dns.example.net'] });
    const { upstreams } = await stage.upstreams([server]);
    const errors = await Promise.all(
      ['a', 'b'].map((name) =>
        upstreams.ask(outgoing(`${name}.example.com`)).catch((error: unknown) => error),
      ),
    );
    for (const error of errors) {
      expect(error).toBeInstanceOf(UpstreamError);
      if (error instanceof UpstreamError) {
        expect(error.timings?.queueMs).toBeGreaterThan(0);
        expect(error.timings?.sends).toBe(0);
      }
    }
    expect(errors[0]).not.toBe(errors[1]);
  });

  it('of a closed connection names upstream, phase and age', async () => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: (_query, connection) => connection.socket.end() });
    const { upstreams } = await stage.upstreams([server], { limits: { backoffMinMs: 10 } });
    const error = await upstreams.ask(outgoing('a.example.com')).catch((reason: unknown) => reason);
    expect(String(error)).toMatch(
      /upstream tls:\/\/127\.0\.0\.1:\d+#dns\.example\.com: connection closed by the server \(wait, connection \d+ ms old\)/,
    );
    expect(error).toMatchObject({ timings: { sends: 3, tls: 'resumed' } });
  });
});
