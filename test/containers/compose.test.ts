import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compose, containerOf, docker, healthy, inspect, onHost, PROJECT } from './containers.ts';
import { load, writeQueries } from './dns-load.ts';
import { SERVICES } from './repository.ts';

const LOAD_SECONDS = 10;
/** The upstream is killed after the first quarter of the load and started again after the second. */
const QUARTER_MS = (LOAD_SECONDS * 1000) / 4;
/** Six loads at once share one core with the twelve processes that they ask. */
const QUERIES_PER_SECOND = 200;

const folder = mkdtempSync(join(tmpdir(), 'tridot-compose-'));
const queries = join(folder, 'queries');

const dig = (transport: 'udp' | 'tcp', port: number, name: string, type: string): Promise<string> =>
  onHost(
    'dig',
    '@127.0.0.1',
    '-p',
    String(port),
    transport === 'tcp' ? '+tcp' : '+notcp',
    '+tries=1',
    '+short',
    name,
    type,
  );

beforeAll(async () => {
  writeQueries(queries);
  await compose('up', '--detach');
  for (const service of ['upstream-1', 'upstream-2', ...SERVICES.map(({ service }) => service)]) {
    await healthy(await containerOf(service));
  }
});

afterAll(async () => {
  await compose('down', '--volumes', '--timeout', '5');
  rmSync(folder, { recursive: true });
});

describe('docker-compose up', () => {
  it.each(SERVICES)('$service answers through the container of an upstream', async ({ transport, port }) => {
    expect(await dig(transport, port, 'example.com', 'A')).toMatch(/^192\.0\.2\.\d+\n/);
    expect(await dig(transport, port, 'size-1000.example.com', 'TXT')).toContain('"');
  });

  it('gives UDP and TCP of all strategies the same answer', async () => {
    const answers = await Promise.all(
      SERVICES.map(({ transport, port }) => dig(transport, port, 'token-7.example.com', 'TXT')),
    );
    expect(answers[0]).toMatch(/^".+"\n$/);
    expect(new Set(answers).size).toBe(1);
  });

  it.each(SERVICES)('$service is confined', async ({ service }) => {
    const { Config, HostConfig } = await inspect(await containerOf(service));
    expect(Config.User).toBe('65532:65532');
    expect(HostConfig).toMatchObject({
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      Memory: 512 * 1024 * 1024,
      NanoCpus: 1e9,
      PidsLimit: 64,
      RestartPolicy: { Name: 'unless-stopped' },
    });
  });

  it.each(SERVICES)('$service publishes its port on loopback alone', async ({ service, transport, port }) => {
    expect(await docker('port', await containerOf(service))).toBe(
      `${port}/${transport} -> 127.0.0.1:${port}\n`,
    );
  });

  it('loses no query while the container of the upstream in use is killed and started again', async () => {
    const loads = SERVICES.map(({ transport, port }) =>
      load(queries, { transport, port, seconds: LOAD_SECONDS, queriesPerSecond: QUERIES_PER_SECOND }),
    );
    const [upstream, other] = [await containerOf('upstream-1'), await containerOf('upstream-2')];
    await sleep(QUARTER_MS);
    await docker('kill', upstream);
    await sleep(QUARTER_MS);
    await docker('start', upstream);
    for (const [i, result] of (await Promise.all(loads)).entries()) {
      expect(result, SERVICES[i]?.service).toMatchObject({
        lost: 0,
        completed: result.sent,
        rcodes: { NOERROR: result.sent },
      });
      expect(result.sent).toBeGreaterThan((LOAD_SECONDS * QUERIES_PER_SECOND) / 2);
    }
    await healthy(upstream);
    expect((await inspect(other)).State.Running).toBe(true);
    // Killed with queries in flight it is a closed connection; killed between two, a dial without an answer.
    expect(await docker('logs', await containerOf('raw-udp'))).toMatch(
      /"level":"warn".*"ERR_UPSTREAM_(?:CLOSED|UNREACHABLE|TIMEOUT)".*\(upstream-1:8853\)/,
    );
  });
});

describe('docker-compose down', () => {
  it('leaves no container, network or volume, and every program ended by itself', async () => {
    const ids = await Promise.all(SERVICES.map(({ service }) => containerOf(service)));
    await compose('stop', '--timeout', '9');
    for (const id of ids) expect((await inspect(id)).State.ExitCode).toBe(0);
    // It was asked while the first was gone.
    expect(await docker('logs', await containerOf('upstream-2'))).toMatch(/^served [1-9]\d* queries/m);
    await compose('down', '--volumes');
    expect(
      await docker('ps', '--all', '--quiet', `--filter=label=com.docker.compose.project=${PROJECT}`),
    ).toBe('');
    expect(await docker('volume', 'ls', '--quiet')).toBe('');
    expect(await docker('network', 'ls', '--quiet', '--filter=type=custom')).toBe('');
    const sockets = await onHost('ss', '-Hltun');
    expect(sockets).not.toMatch(/:530[123]\b/);
  });
});
