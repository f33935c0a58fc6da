import type { BoundAddress, CloseOptions } from '@tridot/listener';
import type { ReloadedSettings } from './settings/reloaded-settings.ts';
import type { Settings } from './settings/settings-schema.ts';
import type { ListenerEventCounts } from './sockets/listener-events.ts';

/** The whole forwarder: listeners of one strategy, who may ask, what a query means, and the upstreams. */
export interface DnsProxy {
  /**
   * Starts the embedded upstream if there is one, then binds every socket.
   *
   * @returns the addresses in the order of the settings.
   * @throws {BindError} ERR_BIND: an address cannot be bound; then nothing stays bound.
   * @throws {ClosedError} ERR_CLOSED: `close()` came meanwhile.
   */
  start(): Promise<BoundAddress[]>;
  /**
   * Applies new settings without closing a socket or losing a query, as far as that is possible; the others keep their old
   * values. One after another; while the start is under way it waits for that.
   *
   * @throws {SettingError} ERR_SETTING: they cannot be used; then nothing has changed.
   * @throws {ClosedError} ERR_CLOSED: the proxy is closed.
   */
  reload(settings: Settings): Promise<ReloadedSettings>;
  /**
   * Takes no more queries, waits for replies in flight, then lets everything go. Settles in every state and never rejects.
   *
   * @param options.graceMs default: the setting `limits.proxy.graceMs`.
   */
  close(options?: CloseOptions): Promise<void>;
  /** The settings in effect. */
  readonly settings: Settings;
  /** What logs call the upstreams, in order. Complete once `start()` has settled. */
  readonly upstreamNames: readonly string[];
  /** Where the admin endpoint is, such as `http://127.0.0.1:9353`; `null` when there is none. */
  readonly adminUrl: string | null;
  readonly listenerEvents: ListenerEventCounts;
}
