import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type FSWatcher, readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import { reasonOf, UpstreamOptionError } from './errors.ts';

/** PEM files with our own certificate (its intermediates behind it) and its private key. */
export interface ClientCertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface ClientPair {
  readonly cert: string;
  readonly key: string;
  /** Tells certificates apart. */
  readonly fingerprint: string;
}

/** What a {@link ClientCertificate} tells. */
export interface ClientCertificateEvents {
  /** The files hold another pair now; it is in use. */
  onChanged(): void;
  /** The files changed and hold no pair that can be used; the old one stays. Told once for each state of the files. */
  onProblem(problem: string): void;
}

/** Files are written one after the other: they are read once nothing more has happened for this long. */
const SETTLE_MS = 100;

/**
 * Our certificate for servers that ask for one, read again when its files change. The directories are watched and not the
 * files: Kubernetes puts a new secret in place by renaming a symbolic link beside them. Where no event comes, the files are
 * read again from time to time.
 */
export class ClientCertificate {
  readonly #files: ClientCertificateFiles;
  readonly #events: ClientCertificateEvents;
  readonly #watchers: FSWatcher[] = [];
  readonly #poll: NodeJS.Timeout;
  #settle: NodeJS.Timeout | null = null;
  #pair: ClientPair;
  /** What was found when the files were read last, good or bad. */
  #seen: string;

  /** @throws {UpstreamOptionError} ERR_UPSTREAM_OPTION: the files hold no pair that can be used. */
  constructor(files: ClientCertificateFiles, pollMs: number, events: ClientCertificateEvents) {
    this.#files = files;
    this.#events = events;
    try {
      this.#pair = readPair(files);
    } catch (cause) {
      throw new UpstreamOptionError(`clientCertificate: ${reasonOf(cause)}`, { cause });
    }
    this.#seen = contentOf(this.#pair);
    this.#poll = setInterval(this.#read, pollMs).unref();
    for (const directory of new Set([dirname(files.certFile), dirname(files.keyFile)]))
      this.#watch(directory);
  }

  get pair(): ClientPair {
    return this.#pair;
  }

  close(): void {
    clearInterval(this.#poll);
    if (this.#settle !== null) clearTimeout(this.#settle);
    for (const watcher of this.#watchers) watcher.close();
  }

  #watch(directory: string): void {
    try {
      const watcher = watch(directory, { persistent: false }, this.#onEvent);
      // Such as a directory that was removed. The poll goes on.
      watcher.on('error', () => watcher.close());
      this.#watchers.push(watcher);
    } catch {
      // No watches left (ENOSPC), or a file system without any: that is what the poll is for.
    }
  }

  readonly #onEvent = (): void => {
    if (this.#settle === null) this.#settle = setTimeout(this.#read, SETTLE_MS).unref();
    else this.#settle.refresh();
  };

  readonly #read = (): void => {
    let found: ClientPair | string;
    try {
      found = readPair(this.#files);
    } catch (error) {
      found = reasonOf(error);
    }
    const seen = typeof found === 'string' ? found : contentOf(found);
    if (seen === this.#seen) return;
    this.#seen = seen;
    if (typeof found === 'string') {
      this.#events.onProblem(found);
      return;
    }
    const changed = contentOf(found) !== contentOf(this.#pair);
    this.#pair = found;
    if (changed) this.#events.onChanged();
  };
}

function readPair({ certFile, keyFile }: ClientCertificateFiles): ClientPair {
  const cert = readFileSync(certFile, 'utf8');
  const key = readFileSync(keyFile, 'utf8');
  const certificate = new X509Certificate(cert);
  if (!certificate.checkPrivateKey(createPrivateKey(key))) {
    throw new Error(`the key in ${keyFile} is not that of the certificate in ${certFile}`);
  }
  return { cert, key, fingerprint: certificate.fingerprint256 };
}

function contentOf({ cert, key }: ClientPair): string {
  return `${cert}\n${key}`;
}
