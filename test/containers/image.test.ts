import { afterEach, describe, expect, it } from 'vitest';
import { check, docker, dockerToEnd, healthy, inspect, logged } from './containers.ts';
import { STRATEGIES } from './repository.ts';

const NAME = 'tridot-image-test';
const HARDENED = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--network=none'];

/** What we add to the base: our sources and the dependencies that run. It was 8 MB when this was written. */
const OWN_BYTES_AT_MOST = 15_000_000;

afterEach(async () => {
  await dockerToEnd('rm', '--force', NAME);
});

describe('the image', () => {
  it('says who it runs as, how it is stopped and asked, and where it comes from', async () => {
    const { Config } = await inspect('tridot');
    expect(Config.User).toBe('65532:65532');
    expect(Config.StopSignal).toBe('SIGTERM');
    expect(Config.Entrypoint).toEqual(['node', '--max-semi-space-size=4', 'docker/entrypoint.ts']);
    expect(Config.Healthcheck.Test).toEqual(['CMD', 'node', 'docker/healthcheck.ts']);
    expect(Object.keys(Config.ExposedPorts).toSorted()).toEqual(['5300/tcp', '5300/udp']);
    expect(Config.Labels).toMatchObject({
      'org.opencontainers.image.title': 'tridot',
      'org.opencontainers.image.licenses': 'MIT',
      'org.opencontainers.image.base.name': 'node:24-slim',
    });
  });

  it('adds little to its base', async () => {
    const ownBytes = (await inspect('tridot')).Size - (await inspect('node:24-slim')).Size;
    console.log(`the image adds ${(ownBytes / 1e6).toFixed(1)} MB to its base`);
    expect(ownBytes).toBeGreaterThan(0);
    expect(ownBytes).toBeLessThan(OWN_BYTES_AT_MOST);
  });

  it('holds what runs and nothing that only tests and builds need', async () => {
    const files = (await docker('run', '--rm', '--entrypoint=node', 'tridot', '-e', LIST_FILES)).split('\n');
    expect(files).toEqual(
      expect.arrayContaining(['LICENSE', 'docker/entrypoint.ts', 'packages/raw/src/main.ts']),
    );
    expect(files.filter((file) => /^packages\/(?:bench|conformance|fuzz|peers)\//.test(file))).toEqual([]);
    expect(files.filter((file) => /\.test\.ts$|^packages\/[^/]+\/(?:test|README)/.test(file))).toEqual([]);
    expect(files.filter((file) => /^node_modules\/.*(?:\.ts|\.map)$/.test(file))).toEqual([]);
    expect(
      files.filter((file) => /node_modules\/(?:node|typescript|vitest|fast-check|@biomejs)\//.test(file)),
    ).toEqual([]);
  });

  it('is the same when it is built again from nothing', async () => {
    const [first, again] = await Promise.all(
      ['tridot', 'tridot:again'].map((image) =>
        docker('run', '--rm', '--entrypoint=node', image, '-e', DIGEST),
      ),
    );
    expect(first).toMatch(/^[0-9a-f]{64}\n$/);
    expect(again).toBe(first);
  });

  it('refuses a strategy that it does not know, in one line', async () => {
    const { code, stderr } = await dockerToEnd('run', '--rm', '--env=STRATEGY=fast', 'tridot');
    expect(stderr).toBe('STRATEGY is "fast"; it may be raw, framework, library\n');
    expect(code).toBe(2);
  });

  it('hands its arguments to the program', async () => {
    expect(await docker('run', '--rm', 'tridot', '--version')).toMatch(/^tridot \d/);
  });
});

describe.each(STRATEGIES)('a container of the strategy %s', (strategy) => {
  const start = (...options: string[]): Promise<string> =>
    docker(
      'run',
      '--detach',
      `--name=${NAME}`,
      ...HARDENED,
      `--env=STRATEGY=${strategy}`,
      '--env=TRIDOT_UPSTREAM=embedded',
      ...options,
    );

  it('serves UDP and TCP without privileges, and writes to no file', async () => {
    await start('--health-interval=1s', 'tridot');
    await healthy(NAME);
    expect(await check(NAME)).toMatchObject({ code: 0 });
    const status = await docker(
      'exec',
      NAME,
      'node',
      '-p',
      'require("node:fs").readFileSync("/proc/1/status", "utf8")',
    );
    expect(status).toMatch(/^Uid:\s+65532\s+65532\s+65532\s+65532$/m);
    expect(status).toMatch(/^CapEff:\s+0+$/m);
    expect(status).toMatch(/^CapBnd:\s+0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(status).toMatch(/^Seccomp:\s+2$/m);
    expect(await docker('diff', NAME)).toBe('');
  });

  it('ends with 0 after SIGTERM, before it would be killed', async () => {
    await start('tridot');
    await logged(NAME, 'listening');
    await docker('stop', '--time=9', NAME);
    expect((await inspect(NAME)).State).toMatchObject({ ExitCode: 0, OOMKilled: false });
  });
});

describe('the health check', () => {
  it('fails when nobody listens', async () => {
    await docker(
      'run',
      '--detach',
      `--name=${NAME}`,
      ...HARDENED,
      '--env=TRIDOT_UPSTREAM=embedded',
      'tridot',
    );
    await logged(NAME, 'listening');
    expect(await check(NAME, 'udp://127.0.0.1:5999')).toMatchObject({ code: 1 });
    expect(await check(NAME, 'tcp://127.0.0.1:5999')).toMatchObject({ code: 1 });
    expect(await check(NAME, 'udp://127.0.0.1:5300', 'tcp://127.0.0.1:5300')).toMatchObject({ code: 0 });
  });

  it('fails when no upstream answers', async () => {
    await docker(
      'run',
      '--detach',
      `--name=${NAME}`,
      ...HARDENED,
      '--env=TRIDOT_UPSTREAM=tls://127.0.0.1:9#dot.example.com',
      'tridot',
    );
    await logged(NAME, 'listening');
    const { code, stderr } = await check(NAME);
    expect(stderr).toMatch(/^(?:udp|tcp): rcode 2\n$/);
    expect(code).toBe(1);
  });
});

/** Goes through the image's folder and follows no link. */
const WALK = `
  const { lstatSync, readdirSync, readFileSync, readlinkSync } = require('node:fs');
  function* walk(folder) {
    for (const name of readdirSync(folder).sort()) {
      const path = folder + '/' + name;
      const stat = lstatSync(path);
      yield [path, stat];
      if (stat.isDirectory()) yield* walk(path);
    }
  }
`;

const LIST_FILES = `${WALK} for (const [path, stat] of walk('.')) if (stat.isFile()) console.log(path.slice(2));`;

/** Of every path, its mode, its owner and its content. */
const DIGEST = `${WALK}
  const hash = require('node:crypto').createHash('sha256');
  for (const [path, stat] of walk('.')) {
    hash.update([path, stat.mode, stat.uid, stat.gid, ''].join('\\0'));
    if (stat.isSymbolicLink()) hash.update(readlinkSync(path));
    else if (stat.isFile()) hash.update(readFileSync(path));
  }
  console.log(hash.digest('hex'));
`;
