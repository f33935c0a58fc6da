/** Notices when files change, and has them read again. */
import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';

export interface WatchedFilesOptions {
  readonly files: readonly string[];
  /** A change counts when the file has stayed the same for this long, in milliseconds. */
  readonly settleMs: number;
  /** How often the files are looked at anyway, in milliseconds. */
  readonly pollMs: number;
  /** Reads one file, by its place in `files`. Must not reject. */
  readonly read: (file: number) => Promise<void>;
}

/** What is known of one file; a signature stands for one version of it. */
interface Watched {
  readonly path: string;
  /** The version that was read last, whether or not it could be used. */
  read: string;
  /** A version that was seen and is read when it has not changed any more for a while. */
  seen: Seen | null;
}

interface Seen {
  readonly version: string;
  readonly sinceMs: number;
}

/**
 * Files are compared by what `stat` says of them, so a file that is replaced, or a symbolic link that leads elsewhere, is
 * noticed as well as one that is written to. Events of their directories only say when to look, so one that is lost or
 * cannot be had costs time and nothing else. Files are read one at a time. Nothing here keeps the process alive.
 */
export class WatchedFiles {
  readonly #options: WatchedFilesOptions;
  readonly #files: Watched[];
  readonly #watchers: FSWatcher[] = [];
  #poll: NodeJS.Timeout | null = null;
  #settle: NodeJS.Timeout | null = null;
  #work: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: WatchedFilesOptions) {
    this.#options = options;
    this.#files = options.files.map((file) => ({ path: resolve(file), read: '', seen: null }));
  }

  /** Begins to watch. Versions that are there now count as not yet read until {@link readAll} was called. */
  start(): void {
    if (this.#files.length === 0 || this.#isClosed) return;
    for (const directory of new Set(this.#files.map(({ path }) => dirname(path)))) this.#watch(directory);
    this.#poll = setInterval(() => this.#look(), this.#options.pollMs).unref();
  }

  /** Reads every file, changed or not. */
  readAll(): Promise<void> {
    return this.#afterOthers(async () => {
      for (const [i, file] of this.#files.entries()) await this.#read(i, file, await signature(file.path));
    });
  }

  /** Stops watching, and waits until nothing is being read any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const watcher of this.#watchers) watcher.close();
    if (this.#poll !== null) clearInterval(this.#poll);
    if (this.#settle !== null) clearTimeout(this.#settle);
    await this.#work;
  }

  #watch(directory: string): void {
    try {
      const watcher = watch(directory, { persistent: false }, () => this.#lookSoon());
      // A directory that goes away, or too few watches for all: polling goes on.
      watcher.on('error', () => watcher.close());
      this.#watchers.push(watcher);
    } catch {
      // The same, found at once.
    }
  }

  #lookSoon(): void {
    if (this.#settle !== null || this.#isClosed) return;
    this.#settle = setTimeout(() => {
      this.#settle = null;
      this.#look();
    }, this.#options.settleMs).unref();
  }

  #look(): void {
    // Cannot reject: neither stat nor read lets an error out.
    void this.#afterOthers(async () => {
      for (const [i, file] of this.#files.entries()) {
        const now = await signature(file.path);
        if (now === file.read) file.seen = null;
        else if (this.#hasSettled(file, now)) await this.#read(i, file, now);
        else this.#lookSoon();
      }
    });
  }

  #hasSettled(file: Watched, version: string): boolean {
    const nowMs = performance.now();
    if (file.seen?.version !== version) file.seen = { version, sinceMs: nowMs };
    return nowMs - file.seen.sinceMs >= this.#options.settleMs;
  }

  /** The signature is older than what is read, so a change meanwhile is seen the next time. */
  async #read(i: number, file: Watched, now: string): Promise<void> {
    if (this.#isClosed) return;
    file.read = now;
    file.seen = null;
    await this.#options.read(i);
  }

  #afterOthers(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work);
    return this.#work;
  }
}

/** Stands for one version of a file: which file it is, how long and how old; the error's code when it cannot be had. */
async function signature(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  }
}
