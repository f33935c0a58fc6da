import type { AgreementObserver } from '@tridot/agreement';
import {
  createUpstreams,
  type TlsServerOptions,
  type UpstreamObserver,
  type Upstreams,
} from '@tridot/upstream';
import type { Settings } from '../settings/settings-schema.ts';
import { type Asked, agreeing, checkAgreement } from './agreeing.ts';
import { asSettingError } from './check-upstreams.ts';
import { type EmbeddedUpstream, startEmbedded } from './embedded-upstream.ts';
import { EMBEDDED } from './upstream-addresses.ts';
import { NO_EMBEDDED, upstreamsOptions } from './upstreams-options.ts';

/** The upstreams of one set of settings, ready to be asked. */
export interface PreparedUpstreams {
  readonly upstreams: Upstreams;
  /** Who is asked for the queries of clients. */
  readonly asked: Asked;
  readonly names: readonly string[];
  /** All that they are made of: equal text, equal upstreams. */
  readonly recipe: string;
}

/** Everything behind the forwarder: the upstreams in use, those still answering after a reload, the embedded one. */
export class UpstreamSide {
  readonly #observer: UpstreamObserver;
  readonly #agreementObserver: AgreementObserver;
  /** Those that a reload has replaced: they bring the last answers that they owe. */
  readonly #retiring = new Set<Upstreams>();
  #current: PreparedUpstreams | null = null;
  #embedded: Promise<EmbeddedUpstream> | null = null;

  constructor(observer: UpstreamObserver, agreementObserver: AgreementObserver) {
    this.#observer = observer;
    this.#agreementObserver = agreementObserver;
  }

  get current(): PreparedUpstreams | null {
    return this.#current;
  }

  /**
   * Makes the upstreams for some settings. When nothing about them has changed, these are the ones in use.
   *
   * @throws {SettingError} ERR_SETTING: they cannot be used.
   */
  async prepare(settings: Settings): Promise<PreparedUpstreams> {
    asSettingError('agreement', () => checkAgreement(settings));
    const embedded = usesEmbedded(settings) ? await this.#startEmbedded() : NO_EMBEDDED;
    const options = upstreamsOptions(settings, embedded);
    const recipe = JSON.stringify([options, settings.agreement, settings.limits.agreement]);
    if (this.#current?.recipe === recipe) return this.#current;
    return asSettingError('upstream', () => {
      const upstreams = createUpstreams(options, this.#observer);
      const asked = agreeing(settings, upstreams, this.#agreementObserver);
      return { upstreams, asked, names: upstreams.names, recipe };
    });
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

  async #startEmbedded(): Promise<TlsServerOptions> {
    this.#embedded ??= startEmbedded();
    const { address, ca } = await this.#embedded;
    return { ...address, ca };
  }
}

function usesEmbedded({ upstream, groups }: Settings): boolean {
  return [upstream, ...Object.values(groups).map((group) => group.upstream)]
    .flat()
    .some((written) => (typeof written === 'string' ? written : written.server) === EMBEDDED);
}
