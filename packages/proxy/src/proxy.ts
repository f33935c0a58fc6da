import { createForwarder, type Forwarder } from '@tridot/forwarder';
import type { BoundAddress, CloseOptions, QueryHandler, Strategy } from '@tridot/listener';
import { type Admin, startAdmin } from './admin/admin.ts';
import { parseAdminAddress } from './admin/admin-address.ts';
import { type AdmissionOptions, admit } from './admission/admission.ts';
import { admissionOptions } from './admission/admission-options.ts';
import { CacheSide } from './answers/cache-side.ts';
import { checkPolicy, PolicySide, type PreparedPolicy } from './answers/policy-side.ts';
import type { DnsProxy } from './dns-proxy.ts';
import { ClosedError, SettingError } from './failures.ts';
import { type Logger, SILENT_LOGGER } from './logging/log.ts';
import { Observation } from './observation.ts';
import { type ReloadedSettings, reloadedSettings } from './settings/reloaded-settings.ts';
import type { Settings } from './settings/settings-schema.ts';
import { defaultPortOf } from './sockets/default-ports.ts';
import { parseEndpoint } from './sockets/endpoints.ts';
import type { ListenerEventCounts } from './sockets/listener-events.ts';
import { createListeners, type Listeners } from './sockets/listeners.ts';
import { type PortGroup, socketsToOpen } from './sockets/sockets-to-open.ts';
import { checkUpstreams } from './upstreams/check-upstreams.ts';
import { type PreparedUpstreams, UpstreamSide } from './upstreams/upstream-side.ts';

export interface ProxyOptions {
  /** Default: nothing is logged. */
  readonly logger?: Logger;
}

/**
 * Composes a proxy. Reads the files of the upstreams' settings, and opens nothing yet.
 *
 * @throws {SettingError} ERR_SETTING: the settings name what is not there.
 */
export function createProxy(strategy: Strategy, settings: Settings, options: ProxyOptions = {}): DnsProxy {
  return new ComposedProxy(strategy, settings, options.logger ?? SILENT_LOGGER);
}

/** What one set of settings is made of. */
interface Prepared {
  readonly admission: AdmissionOptions;
  readonly policy: PreparedPolicy;
  readonly upstreams: PreparedUpstreams;
}

class ComposedProxy implements DnsProxy {
  readonly #strategy: Strategy;
  readonly #groups: readonly PortGroup[];
  readonly #observation: Observation;
  readonly #upstreamSide: UpstreamSide;
  readonly #policySide: PolicySide;
  readonly #cacheSide: CacheSide;
  #settings: Settings;
  /** What listeners hand queries to. A reload puts another in its place. */
  #handle: QueryHandler = () => null;
  /** What the forwarder answers from memory. */
  #counters: Forwarder['counters'] | null = null;
  #listeners: Listeners | null = null;
  #admin: Admin | null = null;
  /** The start, then each reload: one after another. */
  #working: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | null = null;

  constructor(strategy: Strategy, settings: Settings, logger: Logger) {
    this.#strategy = strategy;
    this.#settings = settings;
    this.#groups = groupsOf(settings, strategy);
    this.#observation = new Observation(logger, settings);
    this.#upstreamSide = new UpstreamSide(
      this.#observation.upstreamObserver,
      this.#observation.agreementObserver,
    );
    this.#policySide = new PolicySide(logger);
    this.#cacheSide = new CacheSide(settings, logger);
    // What cannot be used is to be found now, and not once something is bound.
    checkUpstreams(settings);
    admissionOptions(settings, () => {});
    checkPolicy(settings);
  }

  get settings(): Settings {
    return this.#settings;
  }

  get upstreamNames(): readonly string[] {
    return this.#upstreamSide.current?.names ?? [];
  }

  get adminUrl(): string | null {
    return this.#admin?.url ?? null;
  }

  get listenerEvents(): ListenerEventCounts {
    return this.#observation.listenerEvents;
  }

  async start(): Promise<BoundAddress[]> {
    const started = this.#start();
    this.#working = started.catch(() => {});
    try {
      return await started;
    } catch (error) {
      await this.close({ graceMs: 0 });
      throw error;
    }
  }

  async #start(): Promise<BoundAddress[]> {
    const { limits, admin } = this.#settings;
    await this.#cacheSide.open();
    this.#apply(this.#settings, await this.#prepare(this.#settings));
    if (this.#closing !== null) throw new ClosedError();
    if (admin !== undefined) await this.#startAdmin(admin);
    this.#listeners = createListeners({
      strategy: this.#strategy,
      handler: (query, client) => this.#handle(query, client),
      groups: this.#groups,
      limits: limits.listener,
      portAttempts: limits.proxy.portAttempts,
      onEvent: this.#observation.onListenerEvent,
    });
    return this.#listeners.listen();
  }

  async #startAdmin(address: string): Promise<void> {
    this.#admin = await startAdmin(parseAdminAddress(address), {
      strategy: this.#strategy.name,
      settings: () => this.#settings,
      draining: () => this.#closing !== null,
      observation: this.#observation,
      upstreams: () => this.#upstreamSide.current?.upstreams ?? null,
      answers: {
        cache: () => this.#counters,
        shared: () => this.#cacheSide.shared?.counters ?? null,
        policy: () => this.#policySide.counters,
      },
    });
    if (this.#closing !== null) throw new ClosedError();
  }

  reload(settings: Settings): Promise<ReloadedSettings> {
    const reloaded = this.#working.then(() => this.#reload(settings));
    this.#working = reloaded.catch(() => {});
    return reloaded;
  }

  async #reload(next: Settings): Promise<ReloadedSettings> {
    try {
      const reloaded = reloadedSettings(this.#settings, next);
      if (this.#closing !== null) throw new ClosedError();
      this.#apply(reloaded.settings, await this.#prepare(reloaded.settings));
      this.#observation.reloads.applied++;
      return reloaded;
    } catch (error) {
      this.#observation.reloads.refused++;
      throw error;
    }
  }

  /** Makes everything that may turn out not to be possible, before anything has changed. */
  async #prepare(settings: Settings): Promise<Prepared> {
    const admission = admissionOptions(settings, this.#observation.onDenied);
    const policy = await this.#policySide.prepare(settings);
    try {
      return { admission, policy, upstreams: await this.#upstreamSide.prepare(settings) };
    } catch (error) {
      await this.#policySide.discard(policy);
      throw error;
    }
  }

  /** Puts settings into effect between one query and the next. */
  #apply(settings: Settings, { admission, policy, upstreams }: Prepared): void {
    const observation = this.#observation;
    const { cache, shared } = this.#cacheSide;
    const forwarder = createForwarder({
      upstream: upstreams.asked,
      limits: settings.limits.forwarder,
      observer: observation.forwarderObserver,
      policy: policy.policy,
      coalesces: settings.cache.coalesce,
      tellsTimings: settings.edeTimings,
      ...(cache === null ? {} : { cache }),
      ...(shared === null ? {} : { shared }),
    });
    this.#upstreamSide.use(upstreams, longestQueryMs(settings));
    this.#policySide.use(policy);
    observation.use(settings, upstreams.names);
    this.#counters = forwarder.counters;
    this.#handle = admit(observation.counting(forwarder.handle), admission);
    this.#settings = settings;
  }

  close(options: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(options.graceMs ?? this.#settings.limits.proxy.graceMs);
    return this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    // Sockets first: they owe replies, and only the upstreams can bring them.
    await this.#listeners?.close(graceMs);
    await this.#working;
    await this.#listeners?.close(0);
    await this.#upstreamSide.close();
    await this.#policySide.close();
    this.#cacheSide.close();
    this.#observation.flush();
    // Last, so that somebody can look on.
    await this.#admin?.close();
  }
}

/** What upstreams that are replaced may still owe comes within this time. */
function longestQueryMs({ limits, groups }: Settings): number {
  const { queryTimeoutMs } = limits.upstream;
  const others = Object.values(groups).map((group) => group.limits?.queryTimeoutMs ?? queryTimeoutMs);
  return Math.max(queryTimeoutMs, ...others);
}

function groupsOf(settings: Settings, strategy: Strategy): PortGroup[] {
  try {
    return socketsToOpen(settings.listen.map(parseEndpoint), defaultPortOf(strategy));
  } catch (error) {
    if (error instanceof RangeError) throw new SettingError(`listen: ${error.message}`, { cause: error });
    throw error;
  }
}
