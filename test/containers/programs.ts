import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { env, getuid } from 'node:process';

/** What a program that ended has said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** After it the program is killed, in milliseconds. Default: two minutes. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 120_000;

/** Runs a program to its end. @throws {Error} when it ends with anything but 0, with what it said. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await runToEnd(command, args, options);
  if (code === 0) return stdout;
  throw new Error(
    `${command} ${args.join(' ')} ended with ${code}\n${stdout.slice(-4_000)}\n${stderr.slice(-4_000)}`,
  );
}

/** The same, whatever it ends with. */
export function runToEnd(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = spawn(command, args, {
    env: { ...env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeoutMs ?? TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Where each program comes from, as Debian names it. */
const PACKAGES: Readonly<Record<string, string>> = {
  dockerd: 'docker.io',
  docker: 'docker.io',
  'docker-compose': 'docker-compose',
  mmdebstrap: 'mmdebstrap',
  dig: 'bind9-dnsutils',
  dnsperf: 'dnsperf',
  dnsdist: 'dnsdist',
  ip: 'iproute2',
  iptables: 'iptables',
  nsenter: 'util-linux',
};

/** @throws {Error} that says what to install. These tests are asked for by name, so they never skip themselves. */
export function requirePrograms(): void {
  const missing = Object.entries(PACKAGES).filter(([program]) => !isInstalled(program));
  if (missing.length > 0) {
    throw new Error(
      `not installed; apt-get install ${[...new Set(missing.map(([, name]) => name))].join(' ')}`,
    );
  }
  if (getuid?.() !== 0) throw new Error('an engine of its own needs root');
}

function isInstalled(program: string): boolean {
  const folders = [...(env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
