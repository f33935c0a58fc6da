import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './programs.ts';

/**
 * A container engine for these tests alone, with its own folder and socket. It is started twice: at first in the machine's network,
 * without a bridge or a rule of its own, since building reaches the package registry; then in a network namespace that has nothing
 * but loopback and the engine's bridges. So the machine's network is as before, the ports of the Compose file are free, and no
 * load leaves the namespace.
 */
export interface Engine {
  /** For DOCKER_HOST. */
  readonly host: string;
  /** The name of the network namespace. */
  readonly namespace: string;
  startForBuilding(): Promise<void>;
  startForRunning(): Promise<void>;
  /** Ends the engine that runs; the images stay. */
  stop(): Promise<void>;
  /** Removes the folder and the namespace. */
  remove(): Promise<void>;
}

const START_MS = 30_000;
const STOP_MS = 30_000;
const POLL_MS = 100;

export function createEngine(): Engine {
  const folder = mkdtempSync(join(tmpdir(), 'tridot-engine-'));
  const socket = join(folder, 'docker.sock');
  const logFile = join(folder, 'dockerd.log');
  const namespace = `tridot-${process.pid}`;
  let daemon: ChildProcess | null = null;

  async function start(command: string, args: readonly string[]): Promise<void> {
    const log = openSync(logFile, 'a');
    const started = spawn(command, args, { stdio: ['ignore', log, log] });
    closeSync(log);
    daemon = started;
    const deadline = performance.now() + START_MS;
    while (!(await answers(socket))) {
      if (started.exitCode !== null || performance.now() > deadline) {
        throw new Error(`dockerd did not start\n${readFileSync(logFile, 'utf8').slice(-4_000)}`);
      }
      await sleep(POLL_MS);
    }
  }

  const daemonOptions = [
    `--host=unix://${socket}`,
    `--data-root=${join(folder, 'data')}`,
    `--exec-root=${join(folder, 'exec')}`,
    `--pidfile=${join(folder, 'dockerd.pid')}`,
  ];

  return {
    host: `unix://${socket}`,
    namespace,
    startForBuilding: () =>
      start('dockerd', [...daemonOptions, '--bridge=none', '--iptables=false', '--ip-forward=false']),
    async startForRunning() {
      await run('ip', ['netns', 'add', namespace]);
      await inNamespace(namespace, 'ip', ['link', 'set', 'lo', 'up']);
      await start('nsenter', [`--net=/run/netns/${namespace}`, 'dockerd', ...daemonOptions]);
    },
    async stop() {
      if (daemon === null || daemon.exitCode !== null) return;
      const killed = setTimeout(() => daemon?.kill('SIGKILL'), STOP_MS);
      daemon.kill('SIGTERM');
      await once(daemon, 'exit');
      clearTimeout(killed);
      daemon = null;
    },
    async remove() {
      // The engine leaves one mounted, its handle of the network namespace.
      for (const path of mountedBelow(folder)) await run('umount', [path]);
      if (existsSync(`/run/netns/${namespace}`)) await run('ip', ['netns', 'delete', namespace]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs a program in the network of the containers' host. */
export function inNamespace(namespace: string, command: string, args: readonly string[]): Promise<string> {
  return run('nsenter', commandInNamespace(namespace, command, args));
}

/** The arguments of `nsenter`. It changes the network alone, where `ip netns exec` would hide the control groups too. */
export function commandInNamespace(namespace: string, command: string, args: readonly string[]): string[] {
  return [`--net=/run/netns/${namespace}`, command, ...args];
}

/** Deepest first. */
function mountedBelow(folder: string): string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const paths = mounts.map((line) => line.split(' ', 2)[1] ?? '');
  return paths.filter((path) => path.startsWith(`${folder}/`)).toReversed();
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const ping = request({ socketPath, path: '/_ping' }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    ping.on('error', () => resolve(false));
    ping.end();
  });
}
