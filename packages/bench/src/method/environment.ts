import { spawnSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { findProgram, versionOf } from '@tridot/peers';

/** Where figures come from. Without it they say nothing. */
export interface Environment {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGibibytes: number;
  /** Runnable processes over the last minute, before anything was measured: near 0 on a quiet machine. */
  readonly loadAverage: number;
  readonly kernel: string;
  readonly node: string;
  readonly v8: string;
  readonly openssl: string;
  readonly dnsperf: string;
  /** The commit, with `+` when files differ from it; empty outside a repository. */
  readonly commit: string;
  /** Flags given to the Node that runs the subjects. */
  readonly nodeFlags: readonly string[];
}

export function describeEnvironment(nodeFlags: readonly string[]): Environment {
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGibibytes: Math.round(totalmem() / 2 ** 30),
    loadAverage: loadavg()[0] ?? 0,
    kernel: release(),
    node: process.versions.node,
    v8: process.versions.v8,
    openssl: process.versions.openssl,
    dnsperf: versionOf('dnsperf', '-h') || versionOf('dnsperf', '-H'),
    commit: commit(),
    nodeFlags,
  };
}

/** Keeps this process, and what it starts without saying otherwise, on one core. */
export function pinThisProcess(core: number): void {
  const taskset = findProgram('taskset');
  if (taskset !== null) spawnSync(taskset, ['-a', '-c', '-p', String(core), String(process.pid)]);
}

function commit(): string {
  const id = git('rev-parse', '--short', 'HEAD');
  if (id === '') return '';
  return git('status', '--porcelain') === '' ? id : `${id}+`;
}

function git(...args: string[]): string {
  const result = spawnSync('git', args, { encoding: 'utf8', cwd: import.meta.dirname });
  return result.status === 0 ? result.stdout.trim() : '';
}
