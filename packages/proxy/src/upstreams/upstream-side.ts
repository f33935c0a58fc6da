import { createUpstreams, type ServerOptions, type UpstreamObserver, type Upstreams } from '@tridot/upstream';
import type { Settings } from '../settings/settings-schema.ts';
import { type EmbeddedUpstream, startEmbedded } from './embedded-upstream.ts';
import { readTrustAnchors } from './trust-anchors.ts';
import { EMBEDDED, parseUpstream } from './upstream-addresses.ts';

/** The upstreams of one set of settings, ready to be asked. */
export interface PreparedUpstreams {
  readonly upstreams: Upstreams;
  readonly names: readonly string[];
  /** All that they are made of: equal text, equal upstreams. */
  readonly recipe: string;
}

/** Everything behind the forwarder: the upstreams in use, those still answering after a reload, the embedded one. */
export class UpstreamSide {
  readonly #observer: UpstreamObserver;
  /** Those that a reload has replaced: they bring the last answers that they owe. */
  readonly #retiring = new Set<Upstreams>();
  #current: PreparedUpstreams | null = null;
  #embedded: Promise<EmbeddedUpstream> | null = null;

  constructor(observer: UpstreamObserver) {
    this.#observer = observer;
  }

  get current(): PreparedUpstreams | null {
    return this.#current;
  }

  /**
   * Makes the upstreams for some settings. When nothing about them has changed, these are the ones in use.
   *
   * @throws {SettingError} ERR_SETTING: the file of trust anchors cannot be used.
   */
  async prepare(settings: Settings): Promise<PreparedUpstreams> {
    const { limits } = settings;
    const ca = settings.ca === undefined ? {} : { ca: readTrustAnchors(settings.ca) };
    const servers = await this.#servers(settings.upstream);
    const recipe = JSON.stringify([servers, ca, limits.upstream]);
    if (this.#current?.recipe === recipe) return this.#current;
    return {
      upstreams: createUpstreams({ servers, limits: limits.upstream, ...ca }, this.#observer),
      names: servers.map((server) => server.label ?? server.host),
      recipe,
    };
  }

  /** From now on these. Those before them close once they have brought what they owe, or after `graceMs`. */
  use(prepared: PreparedUpstreams, graceMs: number): void {
    const former = this.#current;
    this.#current = prepared;
    if (former === null || former === prepared) return;
    const { upstreams } = former;
    this.#retiring.add(upstreams);
    void upstreams.close({ graceMs }).then(() => this.#retiring.delete(upstreams));
  }

  /** Closes everything at once. */
  async close(): Promise<void> {
    const all = [...this.#retiring];
    if (this.#current !== null) all.push(this.#current.upstreams);
    await Promise.all(all.map((upstreams) => upstreams.close({ graceMs: 0 })));
    await (await this.#embedded?.catch(() => null))?.close();
  }

  async #servers(texts: readonly string[]): Promise<ServerOptions[]> {
    const servers: ServerOptions[] = [];
    for (const text of texts) {
      const parsed = parseUpstream(text);
      if (parsed !== EMBEDDED) {
        servers.push(...parsed);
        continue;
      }
      this.#embedded ??= startEmbedded();
      const { address, ca } = await this.#embedded;
      servers.push({ ...address, ca });
    }
    return servers;
  }
}
