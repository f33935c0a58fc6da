/**
 * One program in a directory of its own, started, watched and ended by its pid.
 *
 *   temporary directory ──► spawn (pinned) ──► ready? ──► running ──► SIGTERM ──► SIGKILL ──► directory removed
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PEER_LIMITS } from './limits.ts';
import { findProgram } from './program.ts';
import { type RunningSubject, SubjectStartError } from './subject.ts';

export interface ChildOptions {
  readonly name: string;
  /** Files to write into the directory, by name. The command line is made once the directory is known. */
  readonly files?: (directory: string) => Readonly<Record<string, string>>;
  readonly command: (directory: string) => readonly [program: string, ...args: string[]];
  readonly environment?: Readonly<Record<string, string>>;
  /** The CPU core that it may run on. Default: any. */
  readonly core?: number | undefined;
  /** Settles when the program is ready; it is asked with what the program has written, whenever that grows. */
  readonly ready: (child: StartingChild) => Promise<void>;
}

/** A program that has been started and may not be ready yet. */
export interface StartingChild {
  /** Aborted when the program ends or time is up. */
  readonly signal: AbortSignal;
  log(): string;
  /** Calls back at each new output. */
  onOutput(listener: () => void): void;
}

/** @throws {SubjectStartError} ERR_SUBJECT_START: the program ended or was not ready in time; nothing of it is left. */
export async function startChild(options: ChildOptions): Promise<RunningSubject> {
  const directory = mkdtempSync(join(tmpdir(), `tridot-${options.name}-`));
  try {
    for (const [file, text] of Object.entries(options.files?.(directory) ?? {})) {
      writeFileSync(join(directory, file), text);
    }
    return await new Child(directory, options).whenReady(options);
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** This process may end before it has stopped what it started. */
const running = new Set<Child>();

function killAtExit(child: Child): void {
  if (!watchesExit) process.once('exit', killAll);
  watchesExit = true;
  running.add(child);
}

let watchesExit = false;

function killAll(): void {
  for (const child of running) child.kill();
}

class Child implements RunningSubject {
  readonly pid: number;
  readonly ended: Promise<string>;
  readonly #directory: string;
  readonly #process: ChildProcess;
  readonly #outputListeners: (() => void)[] = [];
  #log = '';
  #running = true;

  constructor(directory: string, options: ChildOptions) {
    this.#directory = directory;
    const [program, ...args] = pinned(options.command(directory), options.core);
    this.#process = spawn(program, args, {
      cwd: directory,
      env: { ...process.env, ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.pid = this.#process.pid ?? -1;
    killAtExit(this);
    this.ended = new Promise((resolve) => {
      const end = (how: string) => {
        this.#running = false;
        running.delete(this);
        resolve(how);
      };
      this.#process.once('error', (error) => end(error.message));
      this.#process.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.#keep(text));
    }
  }

  log(): string {
    return this.#log;
  }

  async whenReady(options: ChildOptions): Promise<this> {
    const timeoutMs = PEER_LIMITS.startTimeoutMs.default;
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(`no answer within ${timeoutMs} ms`), timeoutMs);
    let starting = true;
    void this.ended.then((how) => {
      if (starting) over.abort(`it ended: ${how}`);
    });
    const aborted = new Promise<never>((_, reject) => {
      over.signal.addEventListener('abort', () => reject(new SubjectStartError(String(over.signal.reason))));
    });
    const child: StartingChild = {
      signal: over.signal,
      log: () => this.#log,
      onOutput: (listener) => this.#outputListeners.push(listener),
    };
    try {
      await Promise.race([options.ready(child), aborted]);
      return this;
    } catch (cause) {
      await this.stop();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SubjectStartError(`${options.name} did not start: ${reason}\n${this.#log}`, { cause });
    } finally {
      starting = false;
      clearTimeout(timer);
      this.#outputListeners.length = 0;
    }
  }

  async stop(killAfterMs: number = PEER_LIMITS.stopTimeoutMs.default): Promise<void> {
    if (this.#running && this.pid !== -1) {
      this.#process.kill('SIGTERM');
      const timer = setTimeout(() => this.#process.kill('SIGKILL'), killAfterMs);
      await this.ended;
      clearTimeout(timer);
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** At once, and with its directory. */
  kill(): void {
    this.#process.kill('SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #keep(text: string): void {
    this.#log = (this.#log + text).slice(-PEER_LIMITS.logBytes.default);
    for (const listener of this.#outputListeners) listener();
  }
}

/** `taskset` replaces itself by the program, so the pid stays the program's. */
function pinned(
  command: readonly [string, ...string[]],
  core: number | undefined,
): readonly [string, ...string[]] {
  if (core === undefined) return command;
  const taskset = findProgram('taskset');
  return taskset === null ? command : [taskset, '-c', String(core), ...command];
}
