import { execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { getuid } from 'node:process';
import { fileURLToPath } from 'node:url';
import { findProgram } from '@tridot/peers';
import { query as queryMessage } from '@tridot/testbed';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeWith } from '../programs/programs.ts';
import { type Running, run } from './running.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const ANALYZE = findProgram('systemd-analyze') ?? 'systemd-analyze';
const unit = readFileSync(join(root, 'docker/systemd/tridot@.service'), 'utf8');

/** As `systemd-analyze security` counts, in tenths: 10 is "safe" to it, 100 is no protection at all. */
const MOST_EXPOSURE = 20;

/**
 * What can be tested without systemd as init: that it understands the unit, how it judges the hardening, and that the
 * program does with the capabilities of the unit what it is to do. Not tested: that the whole sandbox lets it run.
 */
describeWith(['systemd-analyze'], 'the systemd unit', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tridot-systemd-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function instance(strategy: string): string {
    const file = join(folder, `tridot@${strategy}.service`);
    writeFileSync(file, unit.replaceAll('/opt/tridot', root));
    return file;
  }

  it.each(['raw', 'framework', 'library'])('is understood as tridot@%s', (strategy) => {
    const { status, stderr } = spawnSync(ANALYZE, ['verify', instance(strategy)], {
      encoding: 'utf8',
    });
    expect(stderr.split('\n').filter((line) => line.includes('tridot@'))).toEqual([]);
    expect(status).toBe(0);
    expect(unit).toContain('/opt/tridot/packages/%i/src/main.ts');
    readFileSync(join(root, `packages/${strategy}/src/main.ts`));
  });

  it('leaves little to somebody who breaks in', () => {
    const args = ['security', '--offline=true', `--threshold=${MOST_EXPOSURE}`, instance('raw')];
    expect(execFileSync(ANALYZE, args, { encoding: 'utf8' })).toContain('Overall exposure level');
  });

  it('waits longer for the end than the program does', () => {
    const { default: graceMs } = graceOfOptions();
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]) * 1_000).toBeGreaterThan(2 * graceMs);
  });
});

function graceOfOptions(): { default: number } {
  const schema = JSON.parse(readFileSync(join(root, 'docs/config.schema.json'), 'utf8'));
  return schema.properties.limits.properties.proxy.properties.graceMs;
}

describe.skipIf(getuid?.() !== 0)('without root, with the capability of the unit', () => {
  const NOBODY = '65534';
  const LISTEN = '127.0.0.53:53';
  let program: Running | null = null;
  afterEach(async () => {
    await program?.stop();
    program = null;
  });

  function start(...capabilities: string[]): Running {
    const identity = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--no-new-privs'];
    const node = [process.execPath, join(root, 'packages/raw/src/main.ts')];
    const args = [...identity, ...capabilities, ...node, '--listen', LISTEN, '--upstream', 'embedded'];
    program = run('setpriv', args);
    return program;
  }

  const ONLY_BIND = [
    '--bounding-set=-all,+net_bind_service',
    '--inh-caps=-all,+net_bind_service',
    '--ambient-caps=-all,+net_bind_service',
  ];

  it('serves port 53 over UDP and TCP', async () => {
    const { process: child, written } = start(...ONLY_BIND);
    await written(/listening on udp 127\.0\.0\.53:53, tcp 127\.0\.0\.53:53/);
    expect(readFileSync(`/proc/${child.pid}/status`, 'utf8')).toMatch(/^CapEff:\t0000000000000400$/m);
    const socket = createSocket('udp4');
    socket.send(queryMessage({ name: 'www.example.com' }), 53, '127.0.0.53');
    const [reply] = await once(socket, 'message');
    socket.close();
    expect(reply[3] & 0x0f).toBe(0);
    child.kill('SIGHUP');
    await written(/reloaded after SIGHUP: no other values/);
  });

  it('says what is missing without it', async () => {
    const lowest = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));
    const { written } = start('--bounding-set=-all');
    if (lowest <= 53) await written(/listening/);
    else
      await written(
        /cannot listen on udp 127\.0\.0\.53:53: permission denied \(EACCES\).*CAP_NET_BIND_SERVICE/,
      );
  });
});
