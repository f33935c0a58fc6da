import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';
import { findProgram, SUBJECTS } from '@tridot/peers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startHandshakeUpstream } from '../src/handshakes/handshake-upstream.ts';
import { measureHandshakes } from '../src/handshakes/measure-handshakes.ts';
import { readHandshakeOptions } from '../src/handshakes/options.ts';
import { handshakePage, handshakeTables } from '../src/handshakes/page.ts';
import type { HandshakeResult, HandshakeRound } from '../src/handshakes/result.ts';
import { fewestHandshakes, momentsOf } from '../src/handshakes/schedule.ts';
import { encodeQuery } from '../src/query.ts';
import { environment } from './results.ts';

describe('readHandshakeOptions', () => {
  it('asks at four rates, and with a scale for a shorter time', () => {
    const { method } = readHandshakeOptions(['--subjects', 'per-query-tls']);
    expect(method.rates.map(({ queriesPerSecond }) => queriesPerSecond)).toEqual([0.1, 1, 10, 1_000]);
    expect(method).toMatchObject({ rounds: 3, upstreamIdleMs: 10_000 });
    const scaled = readHandshakeOptions(['--scale', '1', '--rounds', '2']).method;
    expect(scaled).toMatchObject({ rounds: 2, upstreamIdleMs: 100 });
    expect(scaled.rates.map(({ seconds }) => seconds)).toEqual([2, 2, 2, 1]);
  });

  it.each([
    [['--subjects', 'bind'], 'unknown subject "bind"'],
    [['--scale', '0'], 'handshakeScale is "0"'],
    [['--rounds', '1.5'], 'rounds is "1.5"'],
    [['--scale', '50', '--write-docs'], '--write-docs needs the full times'],
    [['--fast'], '--fast'],
  ])('refuses %j', (args, message) => {
    expect(() => readHandshakeOptions(args)).toThrow(message);
    expect(() => readHandshakeOptions(args)).toThrow(expect.objectContaining({ code: 'ERR_BENCH_OPTION' }));
  });
});

describe('the schedule', () => {
  it('is another one in each round, within its time, and the same in every run', () => {
    const rate = { queriesPerSecond: 10, seconds: 100 };
    const [first, second] = [momentsOf(rate, 0), momentsOf(rate, 1)];
    expect(first).not.toEqual(second);
    for (const moments of [first, second]) {
      expect(moments.length).toBeGreaterThan(800);
      expect(moments).toEqual(moments.toSorted((a, b) => a - b));
      expect(moments.every((moment) => moment >= 0 && moment < 100_000)).toBe(true);
    }
    expect(momentsOf(rate, 1)).toEqual(second);
  });

  it('needs a handshake for the first query and after each pause that is too long', () => {
    expect(fewestHandshakes([5, 100, 1_101, 1_200, 5_000], 1_000)).toBe(3);
    expect(fewestHandshakes([], 1_000)).toBe(0);
  });
});

describe('the upstream', () => {
  it('tells resumed handshakes from full ones', async () => {
    const upstream = await startHandshakeUpstream(10_000);
    onTestFinished(() => upstream.stop());
    const { port, authName, caFile } = upstream;
    const options = { host: '127.0.0.1', port, servername: authName, ca: readFileSync(caFile) };
    const first = connect(options);
    const [session] = await once(first, 'session');
    first.destroy();
    expect(upstream.counts()).toEqual({ connections: 1, full: 1, resumed: 0 });
    const second = connect({ ...options, session });
    await once(second, 'secureConnect');
    await ask(second, encodeQuery('example.com', 1));
    second.destroy();
    expect(upstream.counts()).toEqual({ connections: 2, full: 1, resumed: 1 });
  });

  it('knows a name server of the root', async () => {
    const upstream = await startHandshakeUpstream(10_000);
    onTestFinished(() => upstream.stop());
    const { port, authName, caFile } = upstream;
    const socket = connect({ host: '127.0.0.1', port, servername: authName, ca: readFileSync(caFile) });
    const reply = await ask(socket, Buffer.from('0001010000010000000000000000020001', 'hex'));
    socket.destroy();
    expect([(reply[3] ?? 0) & 15, reply.readUInt16BE(6)]).toEqual([0, 1]);
  });
});

async function ask(socket: TLSSocket, query: Buffer): Promise<Buffer> {
  socket.write(Buffer.concat([Buffer.of(0, query.length), query]));
  const [chunk] = await once(socket, 'data');
  return chunk.subarray(2);
}

describe('measureHandshakes', () => {
  const method = { rounds: 1, upstreamIdleMs: 400, subjectCore: 0, loadCore: 1 };
  const subjectsNamed = (...names: string[]) => SUBJECTS.filter(({ name }) => names.includes(name));
  const onProgress = () => {};

  it('counts one for each query of who keeps no connection, and few of who does', async () => {
    const rates = [{ queriesPerSecond: 20, seconds: 1 }];
    const subjects = subjectsNamed('raw', 'per-query-tls');
    const { rows, failures } = await measureHandshakes({
      subjects,
      method: { ...method, rates },
      onProgress,
    });
    expect(failures).toEqual([]);
    const [ours, baseline] = rows.map(({ rounds }) => rounds[0] ?? nothing);
    for (const round of [ours, baseline]) {
      expect(round?.asked).toBeGreaterThan(10);
      expect(round).toMatchObject({ failed: 0, unanswered: 0 });
    }
    expect(ours).toMatchObject({ connections: (ours?.full ?? 0) + (ours?.resumed ?? 0) });
    expect(ours?.connections).toBeGreaterThan(0);
    expect(ours?.connections).toBeLessThan((ours?.asked ?? 0) / 2);
    expect(baseline).toMatchObject({ connections: baseline?.asked, full: baseline?.asked, resumed: 0 });
  });

  it.runIf(findProgram('dnsperf') !== null || process.env.CI === 'true')(
    'has dnsperf ask often',
    async () => {
      const rates = [{ queriesPerSecond: 200, seconds: 1 }];
      const subjects = subjectsNamed('raw');
      const { rows, failures } = await measureHandshakes({
        subjects,
        method: { ...method, rates },
        onProgress,
      });
      expect(failures).toEqual([]);
      expect(rows).toMatchObject([{ subject: 'raw', queriesPerSecond: 200, rounds: [{ connections: 1 }] }]);
      expect(rows[0]?.rounds[0]?.asked).toBeGreaterThan(150);
    },
  );
});

const nothing: HandshakeRound = { asked: 0, failed: 0, unanswered: 0, connections: 0, full: 0, resumed: 0 };

const madeUp: HandshakeResult = {
  kind: 'handshakes',
  environment,
  method: {
    rates: [
      { queriesPerSecond: 1, seconds: 10 },
      { queriesPerSecond: 1_000, seconds: 2 },
    ],
    ...{ rounds: 2, upstreamIdleMs: 10_000, subjectCore: 0, loadCore: 1 },
  },
  subjects: [
    { name: 'ours', version: '1.0' },
    { name: 'theirs', version: '' },
  ],
  rows: [
    {
      subject: 'ours',
      queriesPerSecond: 1,
      rounds: [
        { ...nothing, asked: 10, connections: 3, full: 1, resumed: 1, failed: 1 },
        { ...nothing, asked: 30, connections: 1, full: 0, resumed: 1, unanswered: 2 },
      ],
    },
    { subject: 'theirs', queriesPerSecond: 1, rounds: [null, null] },
  ],
  failures: ['theirs at 1 queries a second, round 1: it ended'],
};

describe('the page', () => {
  it('adds rounds up, shows their spread, and says what the least is', () => {
    const [table, often] = handshakeTables(madeUp);
    expect(table?.title).toBe('1 query a second');
    expect(table?.cells[1]).toEqual(['ours 1.0', '75', '33 to 200', '1', '2', '4', '40', '1', '2']);
    expect(table?.cells[2]).toEqual(['theirs', ...Array.from({ length: 8 }, () => '–')]);
    expect(table?.cells[3]?.[0]).toBe('(fewest possible)');
    expect(often?.cells[1]?.slice(0, 2)).toEqual(['(fewest possible)', '0.5']);
  });

  it('says how it was measured and what failed', () => {
    const page = handshakePage(madeUp);
    expect(page).toMatch(/^# Handshakes\n\n<!-- Written by `pnpm --filter bench handshakes --write-docs`/);
    expect(page).toContain('idle for 10 s');
    expect(page).toContain('- 2 rounds, a fresh process for each.');
    expect(page).toContain('- Failed: theirs at 1 queries a second, round 1: it ended.');
    expect(page).not.toContain('NaN');
  });
});
