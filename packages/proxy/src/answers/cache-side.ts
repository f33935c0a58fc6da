import { type Cache, CacheFileError, createCache, loadCache, saveCache } from '@tridot/cache';
import type { RedisSharedCache } from '@tridot/shared-cache';
import type { SharedCacheLimits } from '@tridot/shared-cache/limits';
import { redacted } from '../admin/redacted.ts';
import { messageOf } from '../failures.ts';
import type { Logger } from '../logging/log.ts';
import { oneLine } from '../logging/one-line.ts';
import type { Settings } from '../settings/settings-schema.ts';

/** The memory of the forwarder, which outlives reloads and, in a file, the process. */
export class CacheSide {
  readonly cache: Cache | null;
  readonly #file: string | undefined;
  readonly #url: string | undefined;
  readonly #sharedLimits: SharedCacheLimits;
  readonly #logger: Logger;
  #shared: RedisSharedCache | null = null;
  #isOpen = false;

  constructor({ cache, limits }: Settings, logger: Logger) {
    this.cache = cache.enabled ? createCache({ limits: limits.cache, nxdomainCut: cache.nxdomainCut }) : null;
    this.#file = cache.file;
    this.#url = cache.shared;
    this.#sharedLimits = limits.sharedCache;
    this.#logger = logger;
  }

  get shared(): RedisSharedCache | null {
    return this.#shared;
  }

  /** Reads the file, and begins to connect to the shared cache. Neither has to be there. */
  async open(): Promise<void> {
    if (this.cache === null || this.#isOpen) return;
    this.#isOpen = true;
    if (this.#file !== undefined) this.#load(this.cache, this.#file);
    if (this.#url !== undefined) this.#shared = await this.#connect(this.#url);
  }

  /** Writes the file, and lets the shared cache go. */
  close(): void {
    this.#shared?.close();
    if (this.cache === null || this.#file === undefined || !this.#isOpen) return;
    this.#isOpen = false;
    try {
      const count = saveCache(this.cache, this.#file);
      this.#logger.info({}, oneLine(`cache file ${this.#file}: ${count} answers written`));
    } catch (error) {
      if (!(error instanceof CacheFileError)) throw error;
      this.#logger.warn({ code: error.code }, oneLine(error.message));
    }
  }

  #load(cache: Cache, file: string): void {
    try {
      const count = loadCache(cache, file);
      if (count !== null) this.#logger.info({}, oneLine(`cache file ${file}: ${count} answers read`));
    } catch (error) {
      if (!(error instanceof CacheFileError)) throw error;
      this.#logger.warn({ code: error.code }, oneLine(error.message));
    }
  }

  async #connect(url: string): Promise<RedisSharedCache> {
    // Only who has one pays for the client.
    const { createSharedCache } = await import('@tridot/shared-cache');
    const name = String(redacted(url));
    return createSharedCache({
      url,
      limits: this.#sharedLimits,
      observer: {
        onUp: () => this.#logger.info({}, `shared cache ${name}: reached`),
        onDown: (error) =>
          this.#logger.warn({}, oneLine(`shared cache ${name}: cannot be asked: ${messageOf(error)}`)),
      },
    });
  }
}
