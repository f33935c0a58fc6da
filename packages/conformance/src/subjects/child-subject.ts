import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningSubject as RunningChild } from '@tridot/peers';
import { nextPort } from '../ports.ts';
import type { Exit, RunningSubject, SubjectStart, UpstreamTarget } from '../subject.ts';

/** What a child process is started with. */
export interface ChildStart extends SubjectStart {
  readonly first: UpstreamTarget;
  readonly port: number;
  /** PEM file with the trust anchors of all upstreams. */
  readonly caFile: string;
}

/** What a process that nobody waits for has after SIGTERM. */
const KILL_AFTER_MS = 300;
/** A port may be taken by somebody else: then the next one is tried. */
const PORT_ATTEMPTS = 3;

/** Starts a child process for a case, and makes a subject of it. */
export async function startChildSubject(
  start: SubjectStart,
  launch: (start: ChildStart) => Promise<RunningChild>,
): Promise<RunningSubject> {
  const [first] = start.upstreams;
  if (first === undefined) throw new Error('a subject needs an upstream');
  const folder = mkdtempSync(join(tmpdir(), 'tridot-conformance-'));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, start.upstreams.map((upstream) => upstream.caPem).join('\n'));
  try {
    const { child, port } = await launched({ ...start, first, caFile }, launch);
    return new ChildSubject(child, port, folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function launched(
  start: Omit<ChildStart, 'port'>,
  launch: (start: ChildStart) => Promise<RunningChild>,
): Promise<{ child: RunningChild; port: number }> {
  const chosen = start.settings.port ?? 0;
  for (let attempt = 1; ; attempt += 1) {
    const port = chosen === 0 ? nextPort() : chosen;
    try {
      return { child: await launch({ ...start, port }), port };
    } catch (error) {
      if (chosen !== 0 || attempt >= PORT_ATTEMPTS) throw error;
    }
  }
}

class ChildSubject implements RunningSubject {
  readonly address = '127.0.0.1';
  readonly port: number;
  readonly exited: Promise<Exit>;
  readonly #child: RunningChild;
  readonly #folder: string;
  #alive = true;

  constructor(child: RunningChild, port: number, folder: string) {
    this.#child = child;
    this.port = port;
    this.#folder = folder;
    this.exited = child.ended.then((how) => {
      this.#alive = false;
      return exitOf(how);
    });
  }

  logs(): string {
    return this.#child.log();
  }

  async health() {
    return { pid: this.#child.pid, alive: this.#alive, inFlight: null, dropped: null };
  }

  get adminUrl(): string | undefined {
    return /\badmin (http:\/\/[\w.:[\]]+)/.exec(this.logs())?.[1];
  }

  async stop(options?: { readonly graceMs?: number }): Promise<Exit> {
    await (options === undefined ? this.#child.stop(KILL_AFTER_MS) : this.#child.stop());
    rmSync(this.#folder, { recursive: true, force: true });
    return this.exited;
  }

  kill(signal: NodeJS.Signals): void {
    if (this.#alive) process.kill(this.#child.pid, signal);
  }
}

function exitOf(how: string): Exit {
  const code = /^exit code (\d+)$/.exec(how)?.[1];
  return code === undefined ? { code: null, signal: how } : { code: Number(code), signal: null };
}
