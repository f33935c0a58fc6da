/** The files behind the policy: read at the start, and again when they change; a bad one changes nothing. */
import { performance } from 'node:perf_hooks';
import type { BlockLists } from './block-lists.ts';
import { PolicyFileError } from './errors.ts';
import { EMPTY_HOSTS, type Host, type HostsFile, readHostsFile } from './hosts-file.ts';
import type { PolicyLimits } from './limits.ts';
import { namesIn, readNameList } from './name-list.ts';
import type { FileKind, FileLoaded, PolicyObserver } from './observer.ts';
import { WatchedFiles } from './watched-files.ts';

export interface PolicyFilesOptions {
  readonly block: readonly string[];
  readonly allow: readonly string[];
  readonly hosts: readonly string[];
  readonly subdomains: boolean;
  readonly limits: PolicyLimits;
  readonly observer: PolicyObserver | null;
  /** Takes the lists, one at a time. */
  readonly lists: BlockLists;
  /** Takes the lines of all hosts files, in the order of the files. */
  readonly onHosts: (hosts: readonly Host[]) => void;
}

/** One file: what it is, and which of its kind. */
interface Place {
  readonly kind: FileKind;
  readonly file: string;
  readonly at: number;
}

export class PolicyFiles {
  readonly #options: PolicyFilesOptions;
  readonly #places: readonly Place[];
  readonly #hosts: HostsFile[];
  readonly #watched: WatchedFiles;
  #firstFailure: PolicyFileError | null = null;
  #hasStarted = false;
  #isClosed = false;

  constructor(options: PolicyFilesOptions) {
    const { block, allow, hosts, limits } = options;
    this.#options = options;
    this.#places = [...places('block', block), ...places('allow', allow), ...places('hosts', hosts)];
    this.#hosts = hosts.map(() => EMPTY_HOSTS);
    this.#watched = new WatchedFiles({
      files: this.#places.map(({ file }) => file),
      settleMs: limits.settleMs,
      pollMs: limits.pollMs,
      read: (i) => this.#readSafely(i),
    });
  }

  /** @throws {PolicyFileError} the first file that cannot be used; nothing is watched then. */
  async start(): Promise<void> {
    this.#watched.start();
    await this.#watched.readAll();
    const [first] = this.#places;
    if (this.#isClosed && first !== undefined) {
      this.#firstFailure ??= new PolicyFileError('ERR_LIST_CLOSED', first.file, 'the policy was closed');
    }
    if (this.#firstFailure !== null) {
      await this.close();
      throw this.#firstFailure;
    }
    this.#hasStarted = true;
  }

  reload(): Promise<void> {
    return this.#watched.readAll();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#watched.close();
  }

  async #readSafely(i: number): Promise<void> {
    const place = this.#places[i];
    if (place === undefined || this.#firstFailure !== null) return;
    try {
      const startedMs = performance.now();
      const loaded =
        place.kind === 'hosts' ? await this.#readHosts(place) : await this.#readList(place.kind, place);
      const { kind, file } = place;
      this.#options.observer?.onFileLoaded({
        kind,
        file,
        ...loaded,
        durationMs: performance.now() - startedMs,
      });
    } catch (cause) {
      const error = asFileError(cause, place.file);
      if (!this.#hasStarted) this.#firstFailure = error;
      else if (!this.#isClosed) this.#reportFailure(place, error);
    }
  }

  #reportFailure({ kind, file, at }: Place, error: PolicyFileError): void {
    const keptNames =
      kind === 'hosts' ? (this.#hosts[at]?.hosts.length ?? 0) : namesIn(this.#options.lists.get(kind, at));
    this.#options.observer?.onFileFailed({ kind, file, error, keptNames });
  }

  readonly #isWanted = (): boolean => !this.#isClosed;

  async #readList(kind: 'block' | 'allow', { file, at }: Place): Promise<LoadedNames> {
    const { lists, limits, subdomains } = this.#options;
    const others = lists.names - namesIn(lists.get(kind, at));
    const maxNames = Math.max(0, limits.maxListNames - others);
    const list = await readNameList(file, { subdomains, maxNames, isWanted: this.#isWanted });
    lists.set(kind, at, list);
    const memoryBytes = list.listed.memoryBytes + list.excepted.memoryBytes;
    return { names: namesIn(list), ignored: list.ignored, memoryBytes };
  }

  async #readHosts({ file, at }: Place): Promise<LoadedNames> {
    const found = await readHostsFile(file, this.#options.limits.maxLocalNames, this.#isWanted);
    const hosts = this.#hosts.map((other, i) => (i === at ? found : other));
    this.#options.onHosts(hosts.flatMap((other) => other.hosts));
    this.#hosts[at] = found;
    return { names: found.hosts.length, ignored: found.ignored, memoryBytes: 0 };
  }
}

type LoadedNames = Pick<FileLoaded, 'names' | 'ignored' | 'memoryBytes'>;

function places(kind: FileKind, files: readonly string[]): Place[] {
  return files.map((file, at) => ({ kind, file, at }));
}

/** Memory may not suffice, or there may be a bug: it must not end the program, nor the reading of other files. */
function asFileError(cause: unknown, file: string): PolicyFileError {
  if (cause instanceof PolicyFileError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PolicyFileError('ERR_LIST_UNREADABLE', file, `cannot be read (${reason})`, cause);
}
