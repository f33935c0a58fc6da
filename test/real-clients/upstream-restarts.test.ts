import { setTimeout as delay } from 'node:timers/promises';
import { type Behaviour, behaviours, createUdpClient, query, rcodeOf, startUpstream } from '@tridot/testbed';
import { expect, it, onTestFinished } from 'vitest';
import { dnsperf, queryFile } from '../programs/dnsperf.ts';
import { DOT_PROGRAMS, startDotServer } from '../programs/dot-servers.ts';
import { describeWith } from '../programs/programs.ts';
import { AUTH_NAME, startForwarder, testCa, upstreamFlags } from '../programs/servers.ts';

const STRATEGIES = ['raw', 'framework', 'library'];
/** After which a server closes an idle connection. */
const IDLE_MS = 1_000;
const PAUSES_MS = [990, 1_000, 1_010, 1_050, 1_300];
/** After which even a server that looks once a second (dnsdist) has closed. */
const LONG_PAUSE_MS = 2_100;
/** Between queries that keep a connection from being idle. */
const KEEPING_MS = 500;
/** Queries a second of one load. */
const RATE = 1_000;
/** A query waits this long for its only server to come back: the restart takes longer on a machine that is busy. */
const PATIENT = ['--upstream-patience-ms', '4000'];

for (const program of DOT_PROGRAMS) {
  describeWith(['dnsperf', program.name], `with ${program.name} as its upstream`, () => {
    it('no strategy loses a query while its only server is restarted', async () => {
      const server = await startDotServer(program, IDLE_MS);
      const flags = [...(await upstreamFlags(server.port)), ...PATIENT];
      const forwarders = await Promise.all(STRATEGIES.map((strategy) => startForwarder(strategy, ...flags)));
      const loads = forwarders.map(({ port }) => loadFor(4, port));
      await delay(700);
      await server.stop();
      await server.start();
      await delay(700);
      await server.kill();
      await server.start();
      for (const load of loads) await expectNothingLost(load);
    });

    it('raw loses nothing while one of two servers is away for a second, and then the other', async () => {
      const servers = [await startDotServer(program, IDLE_MS), await startDotServer(program, IDLE_MS)];
      const flags = await Promise.all(servers.map((server) => upstreamFlags(server.port)));
      const { port } = await startForwarder('raw', ...flags.flat());
      const load = loadFor(5, port);
      await delay(500);
      for (const [index, server] of servers.entries()) {
        await (index === 0 ? server.kill() : server.stop());
        await delay(1_000);
        await server.start();
        await delay(500);
      }
      await expectNothingLost(load);
    });

    it('every strategy answers queries asked around the time after which the server closes', {
      timeout: 40_000,
    }, async () => {
      const server = await startDotServer(program, IDLE_MS);
      const flags = await upstreamFlags(server.port);
      await Promise.all(
        STRATEGIES.map(async (strategy, index) => {
          const forwarder = await startForwarder(strategy, ...flags, '--admin', '0');
          // The first pause meets a forwarder that has not learned yet when the server closes.
          const pauses = [...PAUSES_MS.slice(index), ...PAUSES_MS.slice(0, index), LONG_PAUSE_MS];
          const keeping = Array.from({ length: (program.looksAfterMs ?? 0) / KEEPING_MS }, () => KEEPING_MS);
          const rcodes = await rcodesAfterPauses(forwarder.port, [...keeping, ...pauses]);
          expect(rcodes, strategy).toEqual([...keeping, ...pauses].map(() => 0));
          expect(await closedByServer(forwarder.log()), strategy).toBeGreaterThan(0);
        }),
      );
    });
  });
}

describeWith(['dnsperf'], 'with an upstream that hangs up on a query for the root', () => {
  it('raw loses nothing while its only server is restarted', async () => {
    const hangUp: Behaviour = { name: 'hangUp', query: ({ connection }) => connection.halfClose() };
    const upstream = await startUpstream({
      ca: await testCa(),
      authName: AUTH_NAME,
      journal: 'counts',
      behaviours: behaviours.onQueries('.', hangUp),
    });
    onTestFinished(() => upstream.close());
    const { port } = await startForwarder('raw', ...(await upstreamFlags(upstream.port)));
    const load = loadFor(2, port);
    await delay(500);
    await upstream.kill();
    await delay(300);
    await upstream.start();
    await expectNothingLost(load);
  });
});

/** New names at a steady rate, also while nothing is answered. */
function loadFor(seconds: number, port: number) {
  const file = queryFile(RATE * (seconds + 1), (index) => `token-${index}.example.com`);
  // Replies to what has waited come all at once: with few sockets they would not fit into the buffers of dnsperf.
  const sockets = ['-c', '50', '-q', `${RATE * seconds}`];
  return dnsperf(port, '-d', file, '-l', `${seconds}`, '-Q', `${RATE}`, ...sockets);
}

async function expectNothingLost(load: ReturnType<typeof dnsperf>): Promise<void> {
  const { sent, completed, rcodes } = await load;
  expect(completed).toBe(sent);
  expect(rcodes).toMatch(/^NOERROR \d+ \(100\.00%\)$/);
  expect(sent).toBeGreaterThan(RATE);
}

/** One query at once, so that there is a connection, and one after each pause. */
async function rcodesAfterPauses(port: number, pausesMs: readonly number[]): Promise<number[]> {
  const client = await createUdpClient({ address: '127.0.0.1', port });
  onTestFinished(() => client.close());
  await client.ask(query({ name: 'first.example.com' }));
  const rcodes: number[] = [];
  for (const [id, pauseMs] of pausesMs.entries()) {
    await delay(pauseMs);
    rcodes.push(rcodeOf(await client.ask(query({ name: `name-${id}.example.com`, id }))));
  }
  return rcodes;
}

/** How many connections the server has closed, in order or by a reset, as the forwarder counts them. */
async function closedByServer(log: string): Promise<number> {
  const [, admin] = /admin (http:\S+?)(?=["\s;,]|$)/m.exec(log) ?? [];
  const metrics = await (await fetch(`${admin}/metrics`)).text();
  const closed = /^tridot_upstream_connections_closed_total\{.*reason="(?:server|error)".*\} (\d+)$/gm;
  return [...metrics.matchAll(closed)].reduce((sum, [, count]) => sum + Number(count), 0);
}
