import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { framed } from '../src/message.ts';
import { query } from '../src/query.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

function start(...options: string[]): { child: ChildProcess; output: () => string; line: Promise<string> } {
  const child = spawn(process.execPath, [MAIN, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  const line = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text: Buffer) => {
        output += text.toString();
        if (output.includes('\n')) resolve(output);
      });
    }
  });
  return { child, output: () => output, line };
}

describe('the program', () => {
  it('says where it listens and where the CA is, answers, and ends at SIGTERM', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tridot-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'ca.pem');
    const { child, line, output } = start('--port', '0', '--name', 'up.example.com', '--ca-out', file);
    const port = /^listening tls:\/\/127\.0\.0\.1:(\d+)#up\.example\.com, CA .*ca\.pem\n/.exec(
      await line,
    )?.[1];
    const socket = connect({ port: Number(port), ca: readFileSync(file), servername: 'up.example.com' });
    socket.write(framed(query({ name: 'example.com' })));
    await once(socket, 'data');
    socket.destroy();
    child.kill('SIGTERM');
    const [exitCode] = await once(child, 'close');
    expect(exitCode).toBe(0);
    expect(output()).toMatch(/served 1 queries on 1 connections/);
  });

  it.each([
    [['--nonsense'], /nonsense/],
    [['--port', 'x'], /--port is "x"/],
    [['--behaviour', 'fly'], /no behaviour is called "fly"/],
    [['--cert', 'a.pem'], /go together/],
    [['--cert', '/nowhere', '--key', '/nowhere'], /--cert \/nowhere: ENOENT/],
  ])('refuses %j in one line, exit 2', async (options, message) => {
    const { child, output } = start(...options);
    const [exitCode] = await once(child, 'close');
    expect(exitCode).toBe(2);
    expect(output()).toMatch(message);
    expect(output().trim().split('\n')).toHaveLength(1);
  });
});
