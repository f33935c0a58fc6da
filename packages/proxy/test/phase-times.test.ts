import { behaviours, createTestCa, ednsOptions, query, type TestCa } from '@tridot/testbed';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PhaseTimes } from '../src/metrics/phase-times.ts';
import type { SettingsInput } from '../src/settings/settings-schema.ts';
import { metric, queryFor, type RunningProxy, runProxy } from './running-proxy.ts';

const OVER_NEW = {
  queueMs: 1,
  dialMs: 2,
  tlsMs: 4,
  waitMs: 8,
  tls: 'full',
  connectionAgeMs: 16,
  sends: 1,
} as const;

describe('PhaseTimes', () => {
  const table = (times: PhaseTimes) =>
    Object.fromEntries([...times.phases()].map(({ phase, totalMs, queries }) => [phase, [totalMs, queries]]));
  const uses = (times: PhaseTimes) => [...times.connectionUses()].map(({ queries }) => queries);

  it('adds up the phases that queries went through', () => {
    const times = new PhaseTimes();
    times.add(OVER_NEW, 20);
    times.add({ ...OVER_NEW, tls: 'resumed' }, 20);
    times.add({ ...OVER_NEW, dialMs: 0, tlsMs: 0 }, 10);
    expect(table(times)).toEqual({
      queue: [3, 3],
      dial: [4, 2],
      'tls-full': [4, 1],
      'tls-resumed': [4, 1],
      wait: [24, 3],
      reply: [11, 3],
    });
    expect(uses(times)).toEqual([1, 2, 0]);
    expect(times.connectionAgeMs).toBe(48);
  });

  it('knows connections without TLS, and queries without connections', () => {
    const times = new PhaseTimes();
    times.add({ ...OVER_NEW, tls: null, tlsMs: 0 }, 11);
    times.add({ ...OVER_NEW, tls: null, dialMs: 0, tlsMs: 0, connectionAgeMs: null }, 9);
    expect(table(times)).toMatchObject({ dial: [2, 1], 'tls-full': [0, 0], 'tls-resumed': [0, 0] });
    expect(uses(times)).toEqual([0, 1, 1]);
  });

  it('never counts less than nothing', () => {
    const times = new PhaseTimes();
    times.add(OVER_NEW, 14.9);
    expect(table(times).reply).toEqual([0, 1]);
  });
});

describe('through the proxy', () => {
  let ca: TestCa;
  let running: RunningProxy;
  beforeAll(async () => {
    ca = await createTestCa();
  });
  afterEach(() => running.close());

  async function run(input: SettingsInput = {}): Promise<RunningProxy> {
    running = await runProxy(input, ca);
    return running;
  }

  const upstreamName = () => `dot.example.com (127.0.0.1:${running.upstream.port})`;
  const count = (name: string, labels = '') =>
    metric(running, `tridot_upstream_${name}{upstream="${upstreamName()}"${labels}}`);

  it('phases are in /metrics, and tell a new connection from one that was there', async () => {
    const { ask, upstream, proxy, settings } = await run({ warm: true });
    await upstream.waitForQueries(1);
    // Other options, other connections: the next query waits for its own.
    await proxy.reload(settings({ tls: { sni: false } }));
    await ask(queryFor('www.example.com'));
    expect(await count('connection_uses_total', ',connection="new"')).toBe(1);
    expect(await count('phase_queries_total', ',phase="tls-full"')).toBe(1);
    expect(await count('phase_seconds_total', ',phase="tls-full"')).toBeGreaterThan(0);
    upstream.behave(behaviours.delay(30));
    await ask(queryFor('www.example.com'));
    expect(await count('connection_uses_total', ',connection="reused"')).toBe(1);
    expect(await count('phase_queries_total', ',phase="dial"')).toBe(1);
    expect(await count('phase_queries_total', ',phase="wait"')).toBe(2);
    expect(await count('phase_seconds_total', ',phase="wait"')).toBeGreaterThan(0.029);
    expect(await count('phase_seconds_total', ',phase="wait"')).toBeLessThan(5);
    expect(await count('phase_seconds_total', ',phase="reply"')).toBeGreaterThan(0);
    expect(await count('connection_age_seconds_total')).toBeGreaterThan(0.029);
  });

  it('queries in flight are in /metrics as long as they are', async () => {
    const { ask, upstream } = await run();
    await upstream.waitForQueries(1);
    await expect.poll(() => count('queries_in_flight')).toBe(0);
    const hold = behaviours.hold();
    upstream.behave(hold);
    const asked = [ask(queryFor('a.example.com')), ask(queryFor('b.example.com'))];
    await upstream.waitForQueries(3);
    expect(await count('queries_in_flight')).toBe(2);
    hold.open();
    await Promise.all(asked);
    expect(await count('queries_in_flight')).toBe(0);
  });

  it('an answer that cannot be used is an error of its upstream', async () => {
    const { ask, upstream, lines } = await run();
    await upstream.waitForQueries(1);
    upstream.behave(behaviours.cutMessage());
    await ask(queryFor('www.example.com'));
    expect(await count('errors_total', ',phase="reply",code="ERR_UNUSABLE_RESPONSE"')).toBe(1);
    expect(lines.find(({ level }) => level === 'warn')?.text).toMatch(
      /^upstream dot\.example\.com \(127\.0\.0\.1:\d+\): malformed response: .* \(reply, connection \d+ ms old\)$/,
    );
  });

  /** The texts of extended errors that say Other Error. */
  async function told(edns = true): Promise<string[]> {
    const reply = await running.ask(query({ name: 'www.example.com', ...(edns ? { edns: {} } : {}) }));
    if (!Buffer.isBuffer(reply)) throw new Error('no reply');
    return ednsOptions(reply)
      .filter(({ code, data }) => code === 15 && data.readUInt16BE(0) === 0)
      .map(({ data }) => data.subarray(2).toString());
  }

  it('clients are told with edeTimings, also after a reload, and only then', async () => {
    const { proxy, settings } = await run();
    expect(await told()).toEqual([]);
    await proxy.reload(settings({ edeTimings: true }));
    expect(await told()).toEqual([
      expect.stringMatching(
        /^upstream dot\.example\.com \(127\.0\.0\.1:\d+\): queue [\d.]+ ms, dial [\d.]+ ms, tls [\d.]+ ms, wait [\d.]+ ms, reply [\d.]+ ms; connection [\d.]+ ms old, (?:full|resumed) handshake$/,
      ),
    ]);
    expect(await told(false)).toEqual([]);
  });

  const name = 'upstream dot\\.example\\.com \\(127\\.0\\.0\\.1:\\d+\\)';
  const old = 'connection \\d+ ms old';
  it.each([
    ['closes in order', () => behaviours.finAfter(0), `${name}: .*\\(wait, ${old}\\)`],
    ['resets', () => behaviours.resetAfter(0), `${name}: .*ECONNRESET.*\\(wait, ${old}\\)`],
    ['is silent', () => behaviours.silence(), `${name}: .*\\(wait, ${old}\\)`],
    ['breaks off the handshake', () => behaviours.handshakeAlert(), `${name}: .*\\(handshake\\)`],
    [
      'resets instead of a handshake',
      () => behaviours.resetOnAccept(),
      `${name}: .*\\((?:dial|handshake)\\)`,
    ],
  ])(
    'when the upstream %s, log and client are told who, in which phase, how old',
    async (_how, make, text) => {
      const upstreamLimits = { queryTimeoutMs: 700, stallTimeoutMs: 500, patienceMs: 0, maxSends: 1 };
      const { upstream, proxy, settings, lines } = await run({ admin: undefined });
      upstream.behave(make());
      await proxy.reload(
        settings({ admin: undefined, edeTimings: true, limits: { upstream: upstreamLimits } }),
      );
      const texts = await told();
      expect(texts).toEqual([expect.stringMatching(new RegExp(`^${text}; queue .* ms(?:; never sent)?$`))]);
      await proxy.close({ graceMs: 0 });
      const warnings = lines.filter(({ level }) => level === 'warn').map((line) => line.text);
      expect(warnings.some((line) => new RegExp(`^${text}`).test(line))).toBe(true);
      expect(warnings.filter((line) => !/^upstream \S+ \(\S+\): /.test(line))).toEqual([]);
    },
  );
});
