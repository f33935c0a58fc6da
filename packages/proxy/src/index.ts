/**
 * The composition root: settings from flags, environment and file; who may ask; listeners of a strategy, the forwarder and
 * the upstreams put together; log, metrics, signals.
 *
 *   run(strategy) ─► settings/ ─► createProxy ─► sockets/ ─► admission/ ─► forwarder ─► upstreams/
 *        │                            │
 *        └─ program/                  └─ observation ─► logging/, metrics/ ─► admin/
 */

export type { DnsProxy } from './dns-proxy.ts';
export { BindError, ClosedError, EXIT, SettingError } from './failures.ts';
export { PROXY_LIMITS, type ProxyLimits } from './limits.ts';
export type { LogFields, Logger } from './logging/log.ts';
export { createProxy, type ProxyOptions } from './proxy.ts';
export { run } from './run.ts';
export { createSettings } from './settings/create-settings.ts';
export type { ReloadedSettings } from './settings/reloaded-settings.ts';
export type { Settings, SettingsInput } from './settings/settings-schema.ts';
export type { ListenerEventCounts } from './sockets/listener-events.ts';
