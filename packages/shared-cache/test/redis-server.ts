/** A redis-server of its own for each test, on a Unix socket, so that no port has to be found. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { createInterface } from 'node:readline';

const isInstalled = spawnSync('redis-server', ['--version']).status === 0;

/** Without the server these tests are skipped, but not where all tests are to run. */
export const isSkipped = !isInstalled && env.CI !== 'true';

export class RedisServer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tridot-redis-'));
  #process: ChildProcess | null = null;

  get url(): string {
    return `unix://${this.#folder}/socket`;
  }

  async start(): Promise<void> {
    const path = join(this.#folder, 'socket');
    const options = [
      '--port',
      '0',
      '--unixsocket',
      path,
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      this.#folder,
    ];
    const server = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = server;
    for await (const line of createInterface({ input: server.stdout })) {
      if (line.includes('eady to accept connections')) break;
    }
    server.stdout.resume();
  }

  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    const server = this.#process;
    this.#process = null;
    if (server === null) return;
    const exit = once(server, 'exit');
    server.kill('SIGKILL');
    await exit;
  }

  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
