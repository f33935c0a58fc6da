import { behaviours, startUpstream, type TestUpstream } from '@tridot/testbed';
import { describe, expect, it } from 'vitest';
import {
  type CloseReason,
  createUpstreams,
  type UpstreamLimits,
  type Upstreams,
  type UpstreamsOptions,
} from '../src/index.ts';
import { askNowAndThen, keepAsking } from './idle-load.ts';
import { outgoing } from './messages.ts';
import { names, sharedCa } from './stage.ts';

interface Scene extends AsyncDisposable {
  readonly servers: readonly TestUpstream[];
  readonly upstreams: Upstreams;
  readonly closed: CloseReason[];
  /** Of the connections that were opened, in order. */
  readonly resumed: boolean[];
}

async function scene(
  count: number,
  limits: Partial<UpstreamLimits>,
  options: Partial<UpstreamsOptions> = {},
): Promise<Scene> {
  const ca = await sharedCa();
  const servers: TestUpstream[] = [];
  for (let index = 0; index < count; index++) servers.push(await startUpstream({ ca }));
  const closed: CloseReason[] = [];
  const resumed: boolean[] = [];
  const upstreams = createUpstreams(
    {
      servers: servers.map(({ host, port, authName }) => ({ host, port, authName })),
      ca: ca.pem,
      limits,
      ...options,
    },
    {
      connectionOpened: (event) => resumed.push(event.resumed),
      connectionClosed: ({ reason }) => closed.push(reason),
    },
  );
  return {
    servers,
    upstreams,
    closed,
    resumed,
    async [Symbol.asyncDispose]() {
      await upstreams.close();
      for (const server of servers) await server.close();
    },
  };
}

const outcomeOf = (upstreams: Upstreams, name = 'a.example.com') =>
  upstreams.ask(outgoing(name)).then(
    () => 'answered',
    (error: { code: string }) => error.code,
  );

describe('a server that closes idle connections', () => {
  it('loses no query, and its habit is learned', { timeout: 20_000 }, async () => {
    await using stage = await scene(1, {});
    stage.servers[0]?.behave(behaviours.closeWhenIdle(250));
    const { asked, failures } = await askNowAndThen(stage.upstreams, {
      durationMs: 5_000,
      minPauseMs: 25,
      maxPauseMs: 500,
    });
    expect(failures).toEqual([]);
    expect(asked).toBeGreaterThan(10);
    // The first time the server is the one to close; later we are.
    expect(stage.closed[0]).toBe('server');
    expect(stage.closed.filter((reason) => reason === 'idle').length).toBeGreaterThan(
      stage.closed.filter((reason) => reason === 'server').length,
    );
    expect(stage.resumed.slice(1)).not.toContain(false);
  });
});

describe('a server that is killed', () => {
  it('20 times under load loses no query', { timeout: 30_000 }, async () => {
    await using stage = await scene(1, { backoffMinMs: 10, backoffMaxMs: 100 });
    const [server] = stage.servers;
    const load = keepAsking(stage.upstreams, 20);
    for (let kills = 0; kills < 20; kills++) {
      const before = load.answered;
      while (load.answered < before + 50) await new Promise((resolve) => setTimeout(resolve, 2));
      await server?.kill();
      await server?.start();
    }
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(load.answered).toBeGreaterThan(1_000);
  });

  it('while another stands in loses no query', async () => {
    await using stage = await scene(2, {});
    const load = keepAsking(stage.upstreams, 20);
    for (const server of stage.servers) {
      const before = load.answered;
      while (load.answered < before + 50) await new Promise((resolve) => setTimeout(resolve, 2));
      await server.kill();
      await new Promise((resolve) => setTimeout(resolve, 50));
      await server.start();
      await stage.upstreams.ask(outgoing('between.example.com'));
    }
    await load.stop();
    expect(load.failures).toEqual([]);
  });
});

describe('a connection that swallows everything', () => {
  it('holds up no query that comes after the first one was given up', async () => {
    await using stage = await scene(1, { stallTimeoutMs: 200, backoffMinMs: 10 });
    stage.servers[0]?.behave(behaviours.onConnections([1], behaviours.silence()));
    const startedMs = performance.now();
    expect(await outcomeOf(stage.upstreams)).toBe('answered');
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    const laterMs = performance.now();
    expect(await Promise.all(names(50).map((name) => outcomeOf(stage.upstreams, name)))).toEqual(
      Array(50).fill('answered'),
    );
    expect(performance.now() - laterMs).toBeLessThan(1_000);
  });
});

describe('all servers down for a while', () => {
  it.each([
    ['their own pauses', { backoffMinMs: 20, backoffMaxMs: 200 }],
    ['maxOutageMs', { backoffMinMs: 60_000, backoffMaxMs: 60_000, maxOutageMs: 200 }],
  ])('are used again soon after they are back: %s', async (_what, limits) => {
    await using stage = await scene(2, { patienceMs: 0, ...limits });
    expect(await outcomeOf(stage.upstreams)).toBe('answered');
    for (const server of stage.servers) await server.kill();
    const downUntilMs = performance.now() + 700;
    while (performance.now() < downUntilMs) {
      expect(await outcomeOf(stage.upstreams)).toMatch(/^ERR_UPSTREAM_(UNREACHABLE|CLOSED)$/);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    for (const server of stage.servers) await server.start();
    const backMs = performance.now();
    while ((await outcomeOf(stage.upstreams)) !== 'answered')
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(performance.now() - backMs).toBeLessThan(500);
  });
});

describe('a cold start', () => {
  it.each(['failover', 'round-robin', 'fastest', 'race'] as const)(
    'with 500 queries takes two handshakes for each server at most: %s',
    async (selection) => {
      await using stage = await scene(2, {}, { selection });
      const outcomes = await Promise.all(names(500).map((name) => outcomeOf(stage.upstreams, name)));
      expect(new Set(outcomes)).toEqual(new Set(['answered']));
      for (const server of stage.servers) expect(server.journal.connectionCount).toBeLessThanOrEqual(2);
    },
  );
});

describe('a server that changed its certificate and kept its ticket keys', () => {
  it('is noticed once the session is too old', async () => {
    await using stage = await scene(1, { idleTimeoutMs: 100, resumptionMaxAgeMs: 300, patienceMs: 0 });
    const [server] = stage.servers;
    const startedMs = performance.now();
    expect(await outcomeOf(stage.upstreams)).toBe('answered');
    server?.useCertificate(await (await sharedCa()).issue({ dnsNames: ['other.example.com'] }));
    let last = 'answered';
    while (last === 'answered') {
      await new Promise((resolve) => setTimeout(resolve, 150));
      last = await outcomeOf(stage.upstreams);
    }
    expect(last).toBe('ERR_UPSTREAM_IDENTITY');
    expect(performance.now() - startedMs).toBeLessThan(1_500);
  });
});

describe('a warm connection', () => {
  it('is there before the first query, and renewed before the server closes it', async () => {
    await using stage = await scene(2, {}, { warm: true });
    const [first, second] = stage.servers;
    first?.behave(behaviours.closeWhenIdle(200));
    await first?.journal.waitForHandshake(1);
    const { timings } = await stage.upstreams.ask(outgoing('a.example.com'));
    expect([timings.dialMs, timings.tlsMs]).toEqual([0, 0]);
    await first?.journal.waitForHandshake(4);
    await first?.journal.waitForEnd(3);
    expect(stage.closed[0]).toBe('server');
    expect(stage.closed.slice(1)).toContain('replaced');
    // The new one comes before the old one goes.
    expect([1, 2]).toContain(first?.journal.openCount);
    expect(second?.journal.connectionCount).toBe(0);
  });

  it('comes back by itself when the server does', async () => {
    await using stage = await scene(1, { backoffMinMs: 20, backoffMaxMs: 100 }, { warm: true });
    const [server] = stage.servers;
    await server?.journal.waitForHandshake(1);
    await server?.kill();
    await new Promise((resolve) => setTimeout(resolve, 150));
    await server?.start();
    await server?.journal.waitForHandshake(2);
  });
});
