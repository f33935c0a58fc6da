import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { turn } from './turn.ts';

const NANOSECONDS_PER_MS = 1_000_000;
const MICROSECONDS_PER_MS = 1_000;
const RESOLUTION_MS = 10;

/** What happens to the process as a whole: nothing thrown may get here, and the event loop may not stand still. */
export class ProcessWatch {
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #faults: string[] = [];

  constructor() {
    process.on('uncaughtException', this.#onException);
    process.on('unhandledRejection', this.#onRejection);
    process.on('warning', this.#onWarning);
    this.#delay.enable();
  }

  /** Enters something that must not happen. */
  readonly fault = (what: string): void => {
    this.#faults.push(what);
  };

  /** What has been entered since the last call. */
  takeFaults(): string[] {
    const faults = this.#faults;
    this.#faults = [];
    return faults;
  }

  /** Longest that the event loop stood still since the last call, in milliseconds. */
  takeStallMs(): number {
    const stallMs = Math.max(0, this.#delay.max / NANOSECONDS_PER_MS - RESOLUTION_MS);
    this.#delay.reset();
    return stallMs;
  }

  /** @returns what tells how much processor time has been used since, in milliseconds. */
  startCpuClock(): () => number {
    const before = process.cpuUsage();
    return () => {
      const { user, system } = process.cpuUsage(before);
      return (user + system) / MICROSECONDS_PER_MS;
    };
  }

  close(): void {
    this.#delay.disable();
    process.off('uncaughtException', this.#onException);
    process.off('unhandledRejection', this.#onRejection);
    process.off('warning', this.#onWarning);
  }

  readonly #onException = (error: unknown): void => this.fault(`uncaught exception: ${stackOf(error)}`);
  readonly #onRejection = (error: unknown): void => this.fault(`unhandled rejection: ${stackOf(error)}`);
  readonly #onWarning = (warning: Error): void => {
    if (warning.name !== 'ExperimentalWarning') this.fault(`process warning: ${stackOf(warning)}`);
  };
}

/** What a process holds, apart from memory. */
export interface Handles {
  readonly descriptors: number;
  /** By kind. Timers and callbacks of the moment are not counted. */
  readonly resources: Readonly<Record<string, number>>;
}

/** What comes and goes with every turn of the event loop, and what Node opens for itself. */
const FLEETING: ReadonlySet<string> = new Set(['Timeout', 'Immediate', 'FSReqCallback', 'FSReqPromise']);

export function countHandles(): Handles {
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) {
    if (!FLEETING.has(kind)) resources[kind] = (resources[kind] ?? 0) + 1;
  }
  return { descriptors: readdirSync('/proc/self/fd').length, resources };
}

/** @returns what is there now and was not before, in words; null: nothing. */
export function leakedSince(before: Handles, now: Handles): string | null {
  const leaks = Object.entries(now.resources)
    .filter(([kind, count]) => count > (before.resources[kind] ?? 0))
    .map(([kind, count]) => `${count - (before.resources[kind] ?? 0)} ${kind}`);
  if (now.descriptors > before.descriptors) leaks.push(`${now.descriptors - before.descriptors} descriptors`);
  return leaks.length === 0 ? null : leaks.join(', ');
}

/** Octets that are really in use: measured once everything that can be collected has been. */
export async function heldBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  for (let left = 2; left > 0; left -= 1) {
    if (typeof collect === 'function') collect();
    await turn();
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + Math.max(external, arrayBuffers);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
