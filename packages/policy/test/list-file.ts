/** Files for tests, in a directory of their own for each test, and the events that the policy reports about them. */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { FileFailed, FileLoaded, Policy, PolicyObserver, PolicyOptions } from '../src/index.ts';
import { policyOf } from './messages.ts';

export async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tridot-policy-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

export async function listFile(content: string | Uint8Array, file = 'list'): Promise<string> {
  const path = join(await directory(), file);
  await writeFile(path, content);
  return path;
}

/** Puts a new version in the place of a file, as a download does. */
export async function replaceFile(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}

/** Keeps what is reported, and lets a test wait for the next report. */
export class Reports implements PolicyObserver {
  readonly loaded: FileLoaded[] = [];
  readonly failed: FileFailed[] = [];
  #waiting: (() => void)[] = [];

  onFileLoaded(loaded: FileLoaded): void {
    this.loaded.push(loaded);
    this.#wake();
  }

  onFileFailed(failed: FileFailed): void {
    this.failed.push(failed);
    this.#wake();
  }

  /** Waits until the condition holds; it is looked at after each report. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

export async function started(
  options: Partial<PolicyOptions>,
): Promise<{ policy: Policy; reports: Reports }> {
  const reports = new Reports();
  const policy = policyOf({ observer: reports, ...options });
  onTestFinished(() => policy.close());
  await policy.start();
  return { policy, reports };
}

/** A policy with one block list of this content. */
export async function blocking(
  content: string | Uint8Array,
  options: Partial<PolicyOptions> = {},
): Promise<{ policy: Policy; reports: Reports }> {
  return started({ blockFiles: [await listFile(content)], ...options });
}
