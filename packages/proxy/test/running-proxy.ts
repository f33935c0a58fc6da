import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client, Reply } from '@tridot/listener';
import { startUpstream, type TestCa, type TestUpstream } from '@tridot/testbed';
import type { DnsProxy } from '../src/dns-proxy.ts';
import type { LogFields, Logger } from '../src/logging/log.ts';
import { createProxy } from '../src/proxy.ts';
import { createSettings } from '../src/settings/create-settings.ts';
import type { Settings, SettingsInput } from '../src/settings/settings-schema.ts';
import { type FakeOptions, type FakeStrategy, fakeStrategy } from './fake-strategy.ts';

export interface LogLine {
  readonly level: string;
  readonly fields: LogFields;
  readonly text: string;
}

/** A proxy with an upstream of the test bed behind it and no sockets before it: queries are handed to its handler. */
export interface RunningProxy {
  readonly proxy: DnsProxy;
  readonly upstream: TestUpstream;
  readonly strategy: FakeStrategy;
  readonly lines: readonly LogLine[];
  /** Writes to `lines`. */
  readonly logger: Logger;
  readonly folder: string;
  /** The settings of this proxy, with others joined to them. */
  settings(other?: SettingsInput): Settings;
  ask(query: Buffer, client?: Partial<Client>): Promise<Reply>;
  get(path: string): Promise<Response>;
  close(): Promise<void>;
}

export async function runProxy(
  input: SettingsInput = {},
  ca?: TestCa,
  fake: FakeOptions = {},
): Promise<RunningProxy> {
  const upstream = await startUpstream(ca === undefined ? {} : { ca });
  const folder = mkdtempSync(join(tmpdir(), 'tridot-proxy-'));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, upstream.caPem);
  const settings = (other: SettingsInput = {}): Settings =>
    createSettings({
      listen: ['127.0.0.1:53'],
      upstream: [`tls://127.0.0.1:${upstream.port}#${upstream.authName}`],
      ca: caFile,
      admin: '127.0.0.1:0',
      cache: { enabled: false, coalesce: false },
      ...input,
      ...other,
    });
  const lines: LogLine[] = [];
  const logger = loggerInto(lines);
  const strategy = fakeStrategy(fake);
  const proxy = createProxy(strategy, settings(), { logger });
  await proxy.start();
  return {
    proxy,
    upstream,
    strategy,
    lines,
    logger,
    folder,
    settings,
    ask: async (query, client = {}) =>
      (await strategy.handlers[0]?.(Buffer.from(query), {
        transport: 'udp',
        address: '127.0.0.1',
        port: 4_000,
        ...client,
      })) ?? null,
    get: (path) => fetch(`${proxy.adminUrl}${path}`),
    async close() {
      await proxy.close({ graceMs: 0 });
      await upstream.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function loggerInto(lines: LogLine[]): Logger {
  const at = (level: string) => (fields: LogFields, text: string) => void lines.push({ level, fields, text });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), fatal: at('fatal') };
}

/** A query for the A records of a name. */
export function queryFor(name: string, qtype = 1): Buffer {
  const labels = name.split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  const header = Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([header, ...labels, Buffer.from([0, 0, qtype, 0, 1])]);
}

/** The value of one line of `/metrics`; `undefined` when there is none. */
export async function metric(running: RunningProxy, line: string): Promise<number | undefined> {
  const text = await (await running.get('/metrics')).text();
  const found = text.split('\n').find((candidate) => candidate.startsWith(`${line} `));
  return found === undefined ? undefined : Number(found.slice(line.length + 1));
}
