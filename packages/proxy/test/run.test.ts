import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Child, runProgram, startProgram } from './child-program.ts';

const OFFLINE = ['--upstream', 'embedded', '--listen', '127.0.0.1:0'];
/** Nobody answers there: TEST-NET-1 (RFC 5737), with a port that is refused at once on loopback. */
const UNREACHABLE = ['--upstream', 'tls://127.0.0.1:1#dns.example.com', '--listen', '127.0.0.1:0'];

const QUERY = Buffer.from('12340100000100000000000007657861' + '6d706c6503636f6d0000010001', 'hex');

describe('the program', () => {
  const children: Child[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.process.kill('SIGKILL');
  });

  function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Child {
    const child = startProgram(args, environment);
    children.push(child);
    return child;
  }

  function portOf(listening: string): number {
    return Number(/udp 127\.0\.0\.1:(\d+)/.exec(listening)?.[1]);
  }

  async function ask(port: number): Promise<Buffer> {
    const socket = createSocket('udp4');
    try {
      socket.send(QUERY, port, '127.0.0.1');
      const [reply] = await once(socket, 'message');
      return reply;
    } finally {
      socket.close();
    }
  }

  it('serves UDP and TCP on one port that the system chose, and says so in one raw line', async () => {
    const child = start([...OFFLINE, '--log-format', 'pretty']);
    const line = await child.lineWith('listening');
    expect(line).toMatch(
      /^listening on udp 127\.0\.0\.1:(\d+), tcp 127\.0\.0\.1:\1; upstream embedded \(127\.0\.0\.1:\d+\)$/,
    );
    const reply = await ask(portOf(line));
    expect(reply.readUInt16BE(0)).toBe(0x1234);
    expect(reply.readUInt16BE(6)).toBeGreaterThan(0);
    child.process.kill('SIGTERM');
    expect(await child.ended).toEqual({ code: 0, signal: null });
    expect(child.stderr()).toBe('');
  });

  it('writes JSON when standard output is no terminal, at every level the listening line too', async () => {
    const child = start([...OFFLINE, '--log-level', 'error']);
    const record: unknown = JSON.parse(await child.lineWith('listening'));
    expect(record).toMatchObject({
      level: 'info',
      msg: expect.stringMatching(/^listening on udp 127\.0\.0\.1:/),
    });
  });

  it('logs queries when asked to, one line each', async () => {
    const child = start([...OFFLINE, '--log-queries']);
    await ask(portOf(await child.lineWith('listening')));
    const record: unknown = JSON.parse(await child.lineWith('"qname"'));
    expect(record).toMatchObject({
      qname: 'example.com.',
      qtype: 'A',
      qclass: 'IN',
      rcode: 'NOERROR',
      transport: 'udp',
      durationMs: expect.any(Number),
      upstream: expect.stringMatching(/^embedded/),
    });
  });

  it('logs why an upstream cannot be used, and no name of a query', async () => {
    const child = start(UNREACHABLE);
    const reply = await ask(portOf(await child.lineWith('listening')));
    expect((reply[3] ?? 0) & 0x0f).toBe(2);
    const record: unknown = JSON.parse(await child.lineWith('"warn"'));
    expect(record).toMatchObject({
      code: 'ERR_UPSTREAM_UNREACHABLE',
      msg: expect.stringContaining('dns.example.com'),
    });
    expect(child.stdout()).not.toContain('example.com.');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'drains on %s: replies in flight go out, exit code 0',
    async (signal) => {
      const child = start(UNREACHABLE);
      const reply = ask(portOf(await child.lineWith('listening')));
      await child.lineWith('"warn"');
      child.process.kill(signal);
      expect(((await reply)[3] ?? 0) & 0x0f).toBe(2);
      expect(await child.ended).toEqual({ code: 0, signal: null });
      expect(child.stdout()).toContain(`${signal}: draining, at most 5000 ms`);
    },
  );

  it('ends when the grace is over', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const child = start([
      '--upstream',
      `tls://127.0.0.1:${port}#a.example`,
      '--listen',
      '127.0.0.1:0',
      '--grace-ms',
      '300',
    ]);
    const connected = once(silent, 'connection');
    const socket = createSocket('udp4');
    socket.send(QUERY, portOf(await child.lineWith('listening')), '127.0.0.1');
    await connected;
    const before = performance.now();
    child.process.kill('SIGTERM');
    expect(await child.ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - before).toBeLessThan(1_500);
    socket.close();
    silent.close();
  });

  it('ends at once on a second signal', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const child = start([
      '--upstream',
      `tls://127.0.0.1:${port}#a.example`,
      '--listen',
      '127.0.0.1:0',
      '--grace-ms',
      '60000',
    ]);
    const connected = once(silent, 'connection');
    const socket = createSocket('udp4');
    socket.send(QUERY, portOf(await child.lineWith('listening')), '127.0.0.1');
    await connected;
    child.process.kill('SIGTERM');
    await child.lineWith('draining');
    child.process.kill('SIGTERM');
    expect(await child.ended).toEqual({ code: 143, signal: null });
    socket.close();
    silent.close();
  });

  it('ends with one line when something goes wrong that nothing foresaw', async () => {
    const child = start(OFFLINE);
    await child.lineWith('listening');
    child.process.kill('SIGUSR2');
    expect(await child.ended).toEqual({ code: 70, signal: null });
    const last: unknown = JSON.parse(child.stdout().trimEnd().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({
      level: 'fatal',
      msg: expect.stringMatching(/^internal error: a mistake\\x0aof ours \(at .*program\.ts:\d+:\d+\)+$/),
    });
    expect(child.stderr()).toBe('');
  });

  it('leaves nothing bound when TCP is taken, and says so in one line', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { code, stdout, stderr } = await runProgram([
      '--upstream',
      'embedded',
      '--listen',
      `127.0.0.1:${port}`,
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(
      `cannot listen on tcp 127.0.0.1:${port}: address already in use (EADDRINUSE); stop what listens there, or choose another with --listen\n`,
    );
    taken.close();
  });

  it.each([
    [['--lisen', 'x'], '--lisen: unknown option; did you mean --listen?\n'],
    [['--ca', '/nowhere/ca.pem'], '--ca: cannot read /nowhere/ca.pem: no such file (ENOENT)\n'],
    [
      ['--ca', '/dev/null', '--check'],
      '--ca: /dev/null holds no PEM certificate (-----BEGIN CERTIFICATE-----)\n',
    ],
  ])('refuses %j with exit code 2 and one line', async (args, stderr) => {
    expect(await runProgram(args)).toEqual({ code: 2, stdout: '', stderr });
  });

  it('names the variable that named a bad file', async () => {
    const { code, stderr } = await runProgram(['--check'], { TRIDOT_CA: '/nowhere/ca.pem' });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'TRIDOT_CA: cannot read /nowhere/ca.pem: no such file (ENOENT)\n',
    });
  });

  it('--check says that all is well', async () => {
    expect(await runProgram(['--check'])).toEqual({ code: 0, stdout: 'configuration ok\n', stderr: '' });
  });

  it('--version and --help answer without looking at anything else', async () => {
    expect(await runProgram(['--version'], { TRIDOT_LISTEN: 'nonsense' })).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^tridot \d+\.\d+\.\d+\n$/),
      stderr: '',
    });
    const help = await runProgram(['--help']);
    expect(help.code).toBe(0);
    expect(help.stdout).toContain('--listen <ADDR>');
  });

  it('--print-config shows no password', async () => {
    const { code, stdout } = await runProgram([
      '--print-config',
      '--shared-cache',
      'redis://user:hunter2@cache.example.com',
      '--client-key',
      '/etc/tridot/key.pem',
    ]);
    expect(code).toBe(0);
    expect(stdout).not.toContain('hunter2');
    expect(stdout).toContain('redis://***@cache.example.com');
    expect(stdout).toContain('clientKey: /etc/tridot/key.pem');
  });

  it('--print-config writes YAML that --config reads, with every setting in effect', async () => {
    const { code, stdout } = await runProgram(['--print-config', '--grace-ms', '7', '--listen', '127.0.0.1']);
    expect(code).toBe(0);
    expect(stdout).toContain('graceMs: 7\n');
    expect(stdout).toContain('- 127.0.0.1:5300\n');
    const folder = mkdtempSync(join(tmpdir(), 'tridot-config-'));
    writeFileSync(join(folder, 'tridot.yaml'), stdout);
    const again = await runProgram(['--print-config', '--config', join(folder, 'tridot.yaml')]);
    rmSync(folder, { recursive: true });
    expect(again).toEqual({ code: 0, stdout, stderr: '' });
  });
});
