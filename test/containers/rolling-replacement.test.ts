import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { docker, dockerToEnd, healthy, inspect } from './containers.ts';
import { load, writeQueries } from './dns-load.ts';
import { type LoadBalancer, startLoadBalancer } from './load-balancer.ts';
import { STRATEGIES } from './repository.ts';

const LOAD_SECONDS = 30;
const QUERIES_PER_SECOND = 200;
/** So that queries are in flight whenever a container is told to stop. */
const UPSTREAM_DELAY_MS = 200;

const NETWORK = 'tridot-rolling';
const UPSTREAM = 'tridot-rolling-upstream';
const UPSTREAM_ADDRESS = '192.0.2.2';
const CONFINED = [
  '--read-only',
  '--cap-drop=ALL',
  '--security-opt=no-new-privileges',
  `--network=${NETWORK}`,
];
const VOLUMES = ['tridot-rolling-ca', 'tridot-rolling-tls'];
const MOUNTS = ['--volume=tridot-rolling-ca:/run/tridot/ca', '--volume=tridot-rolling-tls:/run/tridot/tls'];

const folder = mkdtempSync(join(tmpdir(), 'tridot-rolling-'));
const queries = join(folder, 'queries');
const started: string[] = [];
let balancer: LoadBalancer;

beforeAll(async () => {
  writeQueries(queries);
  await docker('network', 'create', '--subnet=192.0.2.0/24', NETWORK);
  await docker(
    'run',
    '--rm',
    '--network=none',
    ...MOUNTS,
    '--entrypoint=node',
    'tridot',
    'docker/certificates.ts',
    '/run/tridot/ca',
    '/run/tridot/tls',
    'dot.example.com',
  );
  await docker(
    'run',
    '--detach',
    `--name=${UPSTREAM}`,
    ...CONFINED,
    `--ip=${UPSTREAM_ADDRESS}`,
    '--no-healthcheck',
    ...MOUNTS,
    '--entrypoint=node',
    'tridot',
    'packages/testbed/src/main.ts',
    '--host=0.0.0.0',
    '--port=8853',
    '--cert=/run/tridot/tls/cert.pem',
    '--key=/run/tridot/tls/key.pem',
    `--behaviour=delay=${UPSTREAM_DELAY_MS}`,
  );
  balancer = await startLoadBalancer(folder);
});

afterAll(async () => {
  await balancer?.stop();
  await dockerToEnd('rm', '--force', UPSTREAM, ...started);
  await dockerToEnd('network', 'rm', NETWORK);
  await dockerToEnd('volume', 'rm', ...VOLUMES);
  rmSync(folder, { recursive: true });
});

/** A replica that the load balancer gets only once it is healthy, as a Service gets a pod. */
async function startReplica(name: string, strategy: string, address: string): Promise<void> {
  started.push(name);
  await docker(
    'run',
    '--detach',
    `--name=${name}`,
    ...CONFINED,
    `--ip=${address}`,
    ...MOUNTS,
    '--health-interval=1s',
    `--env=STRATEGY=${strategy}`,
    `--env=TRIDOT_UPSTREAM=tls://${UPSTREAM_ADDRESS}:8853#dot.example.com`,
    '--env=TRIDOT_CA=/run/tridot/ca/ca.pem',
    '--env=TRIDOT_ALLOW=127.0.0.0/8,192.0.2.0/24',
    'tridot',
  );
  await healthy(name);
  await balancer.add(name, `${address}:5300`);
}

/** Out of the load balancer, then told to stop at once: what it has been sent is in flight, and it owes the replies. */
async function stopReplica(name: string): Promise<void> {
  await balancer.remove(name);
  await docker('stop', '--time=9', name);
}

describe('replacing one container after another behind a load balancer', () => {
  it('loses no query over UDP or TCP', async () => {
    for (const [i, strategy] of STRATEGIES.entries())
      await startReplica(`${strategy}-old`, strategy, `192.0.2.${11 + i}`);

    let loading = true;
    const loads = Promise.all(
      (['udp', 'tcp'] as const).map((transport) =>
        load(queries, {
          port: balancer.port,
          transport,
          seconds: LOAD_SECONDS,
          queriesPerSecond: QUERIES_PER_SECOND,
        }),
      ),
    ).finally(() => {
      loading = false;
    });
    for (const [i, strategy] of STRATEGIES.entries()) {
      await startReplica(`${strategy}-new`, strategy, `192.0.2.${21 + i}`);
      await stopReplica(`${strategy}-old`);
    }
    expect(loading, 'the load lasted longer than the replacement').toBe(true);

    for (const result of await loads) {
      expect(result).toMatchObject({ lost: 0, completed: result.sent, rcodes: { NOERROR: result.sent } });
      expect(result.sent).toBeGreaterThan((LOAD_SECONDS * QUERIES_PER_SECOND) / 2);
    }
    for (const strategy of STRATEGIES) {
      expect((await inspect(`${strategy}-old`)).State).toMatchObject({ Running: false, ExitCode: 0 });
      const { stdout } = await dockerToEnd('logs', `${strategy}-old`);
      expect(stdout).toContain('stopped: all replies are out');
    }
  });
});
