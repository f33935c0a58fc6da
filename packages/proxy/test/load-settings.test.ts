import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_FORMS } from '../src/admin/admin-address.ts';
import { LOCAL_RECORD_FORMS } from '../src/answers/local-record.ts';
import { SHARED_CACHE_FORMS } from '../src/answers/shared-cache-url.ts';
import { messageOf, SettingError } from '../src/failures.ts';
import { parseCommandLine } from '../src/settings/command-line.ts';
import { loadSettings } from '../src/settings/load-settings.ts';
import { NUMBER_TABLES } from '../src/settings/number-tables.ts';
import { keysUnder, OPTIONS } from '../src/settings/options.ts';
import type { Settings } from '../src/settings/settings-schema.ts';
import { ENDPOINT_FORMS } from '../src/sockets/endpoints.ts';
import { UPSTREAM_FORMS } from '../src/upstreams/upstream-addresses.ts';

interface Given {
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly yaml?: string;
}

describe('loadSettings', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tridot-settings-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function load({ args = [], environment = {}, yaml }: Given): Promise<Settings> {
    const fileArgs: string[] = [];
    if (yaml !== undefined) {
      writeFileSync(join(folder, 'tridot.yaml'), yaml);
      fileArgs.push('--config', join(folder, 'tridot.yaml'));
    }
    const commandLine = parseCommandLine([...args, ...fileArgs], '/work');
    return (await loadSettings({ ...commandLine, environment })).settings;
  }

  it('has a default for everything', async () => {
    const settings = await load({});
    expect(settings.listen).toEqual(['127.0.0.1']);
    expect(settings.upstream).toEqual(['cloudflare']);
    expect(settings.ca).toBeUndefined();
    expect(settings.log).toEqual({ level: 'info', queries: false, clients: 'prefix' });
    expect(settings.limits.proxy.graceMs).toBe(5_000);
    expect(settings.limits.listener.maxInFlight).toBe(10_000);
  });

  it('lets flags win over the environment, and the environment over the file', async () => {
    const yaml = [
      'log: { level: error, format: json }',
      'listen: ["127.0.0.1:1"]',
      'limits: { proxy: { graceMs: 1 }, listener: { maxInFlight: 11 } }',
    ].join('\n');
    const environment = {
      TRIDOT_LOG_LEVEL: 'warn',
      TRIDOT_LISTEN: '127.0.0.1:2, tcp://127.0.0.1:3',
      TRIDOT_GRACE_MS: '2',
    };
    const settings = await load({ yaml, environment, args: ['--log-level', 'debug'] });
    expect(settings.log).toEqual({ level: 'debug', format: 'json', queries: false, clients: 'prefix' });
    expect(settings.listen).toEqual(['127.0.0.1:2', 'tcp://127.0.0.1:3']);
    expect(settings.limits.proxy.graceMs).toBe(2);
    expect(settings.limits.listener.maxInFlight).toBe(11);
  });

  it('takes a list whole from the source that wins', async () => {
    const args = ['--upstream', 'quad9', '--upstream', 'tls://192.0.2.1#dns.example.com,google'];
    const settings = await load({ yaml: 'upstream: [cloudflare]', args });
    expect(settings.upstream).toEqual(['quad9', 'tls://192.0.2.1#dns.example.com', 'google']);
  });

  it('lets a flag switch off what the file switches on', async () => {
    expect((await load({ yaml: 'log: { queries: true }' })).log.queries).toBe(true);
    expect((await load({ yaml: 'log: { queries: true }', args: ['--no-log-queries'] })).log.queries).toBe(
      false,
    );
  });

  it.each(['1', 'true', 'yes', 'on', 'TRUE'])('takes %s in the environment for true', async (text) => {
    expect((await load({ environment: { TRIDOT_LOG_QUERIES: text } })).log.queries).toBe(true);
  });

  it('takes an empty variable, and a key with nothing behind it, for not given', async () => {
    const settings = await load({
      environment: { TRIDOT_UPSTREAM: '', TRIDOT_CONFIG: '' },
      yaml: 'log:\nlimits:\n  listener:\nca:\n',
    });
    expect(settings.upstream).toEqual(['cloudflare']);
    expect(settings.log.level).toBe('info');
  });

  it('reads an empty file as no settings', async () => {
    expect((await load({ yaml: '# nothing yet\n' })).listen).toEqual(['127.0.0.1']);
  });

  it('makes paths absolute: of flags from the working folder, in the file from the file', async () => {
    expect((await load({ args: ['--ca', 'ca.pem'] })).ca).toBe('/work/ca.pem');
    expect((await load({ yaml: 'ca: certs/ca.pem' })).ca).toBe(join(folder, 'certs/ca.pem'));
    expect((await load({ args: ['--ca', '/etc/ca.pem'] })).ca).toBe('/etc/ca.pem');
  });

  it('makes each path of a list absolute', async () => {
    const yaml = 'policy: { blockFiles: [a.txt, /b.txt] }';
    expect((await load({ yaml })).policy.blockFiles).toEqual([join(folder, 'a.txt'), '/b.txt']);
    const args = ['--block-file', 'a.txt,/b.txt', '--block-file', 'c.txt'];
    expect((await load({ args })).policy.blockFiles).toEqual(['/work/a.txt', '/b.txt', '/work/c.txt']);
  });

  it('takes paths of the environment from where the user stands, also when pnpm changed the folder', async () => {
    const started = { npm_lifecycle_event: 'start', INIT_CWD: '/home/someone' };
    expect((await load({ environment: { TRIDOT_CA: 'ca.pem', ...started } })).ca).toBe(
      '/home/someone/ca.pem',
    );
    expect((await load({ environment: { TRIDOT_CA: 'ca.pem' } })).ca).toBe(join(process.cwd(), 'ca.pem'));
  });

  it('drops the -- that pnpm hands on', async () => {
    expect((await load({ args: ['--', '--log-level', 'warn'] })).log.level).toBe('warn');
  });

  it('is not disturbed by what Kubernetes sets beside a service named tridot', async () => {
    const environment = {
      TRIDOT_SERVICE_HOST: '192.0.2.1',
      TRIDOT_SERVICE_PORT: '53',
      TRIDOT_SERVICE_PORT_DNS_UDP: '53',
      TRIDOT_PORT: 'udp://192.0.2.1:53',
      TRIDOT_PORT_53_UDP: 'udp://192.0.2.1:53',
      TRIDOT_PORT_53_UDP_ADDR: '192.0.2.1',
      TRIDOT_RAW_PORT_5301_TCP_PROTO: 'tcp',
    };
    expect((await load({ environment })).listen).toEqual(['127.0.0.1']);
  });

  it.each(OPTIONS.filter((option) => option.limit !== undefined))(
    'takes $flag at both ends of its range',
    async (option) => {
      const { min = 0, max = 0 } = option.limit ?? {};
      for (const value of [min, max]) await load({ args: [option.flag, String(value)] });
      const line = (value: number): string =>
        `${option.flag}: ${value} is not a whole number from ${min} to ${max}`;
      await expect(load({ args: [option.flag, String(max + 1)] })).rejects.toThrow(line(max + 1));
      await expect(load({ args: [`${option.flag}=${min - 1}`] })).rejects.toThrow(line(min - 1));
    },
  );

  const levels = 'trace, debug, info, warn, error, fatal, silent';
  const top = keysUnder('').join(', ');
  it.each<[string, Given, string]>([
    [
      'a bad listen flag',
      { args: ['--listen', 'nonsense'] },
      `--listen: "nonsense" is not an address to listen on; it may be ${ENDPOINT_FORMS}`,
    ],
    [
      'the second of two flags',
      { args: ['--listen', '127.0.0.1', '--listen', '[::1]:99999'] },
      '--listen: "[::1]:99999" has a bad port; it may be 0 (the system chooses) to 65535',
    ],
    [
      'an empty list',
      { args: ['--listen', ''] },
      `--listen: is an empty list; an entry may be ${ENDPOINT_FORMS}`,
    ],
    [
      'a bad upstream',
      { environment: { TRIDOT_UPSTREAM: 'tls://' } },
      `TRIDOT_UPSTREAM: "tls://" names no server; it may be ${UPSTREAM_FORMS}`,
    ],
    [
      'a bad choice',
      { args: ['--log-level', 'wran'] },
      `--log-level: "wran" is not one of ${levels}; did you mean warn?`,
    ],
    [
      'a bad choice far from all',
      { environment: { TRIDOT_LOG_FORMAT: 'xml' } },
      'TRIDOT_LOG_FORMAT: "xml" is not one of pretty, json',
    ],
    [
      'a number that is text',
      { environment: { TRIDOT_GRACE_MS: '5s' } },
      'TRIDOT_GRACE_MS: "5s" is not a whole number from 0 to 600000',
    ],
    [
      'a switch that is text',
      { environment: { TRIDOT_LOG_QUERIES: 'maybe' } },
      'TRIDOT_LOG_QUERIES: "maybe" is neither true nor false',
    ],
    ['an empty path', { args: ['--ca', ''] }, '--ca: "" is not the path of a file with PEM certificates'],
    [
      'a range with bits behind its prefix',
      { args: ['--allow', '10.1.0.0/8'] },
      '--allow: "10.1.0.0/8" has bits behind its prefix; did you mean 10.0.0.0/8?',
    ],
    [
      'an IPv6 range with bits behind its prefix',
      { yaml: 'access: { allow: ["2001:db8:1::7/48"] }' },
      'FILE:1: access.allow: "2001:db8:1::7/48" has bits behind its prefix; did you mean 2001:db8:1::/48?',
    ],
    [
      'a prefix that is too long',
      { environment: { TRIDOT_ALLOW: '10.0.0.0/33' } },
      'TRIDOT_ALLOW: "10.0.0.0/33" has a bad prefix length; it may be 0 to 32',
    ],
    [
      'a range that is a name',
      { args: ['--allow', 'localhost'] },
      '--allow: "localhost" is not a range of addresses; it may be 192.0.2.0/24, 2001:db8::/32 or a single address',
    ],
    [
      'a shared cache that is no URL, without showing it',
      { args: ['--shared-cache', 'http://user:secret@example.com'] },
      `--shared-cache: is not the address of a shared cache; it may be ${SHARED_CACHE_FORMS}`,
    ],
    [
      'a local record of an unknown type',
      { yaml: 'policy: { localRecords: ["nas.home.arpa LOC 1"] }' },
      `FILE:1: policy.localRecords: "nas.home.arpa LOC 1" is not a record; it may be ${LOCAL_RECORD_FORMS}`,
    ],
    [
      'an admin address without a port',
      { args: ['--admin', '127.0.0.1'] },
      `--admin: "127.0.0.1" has no port; it may be ${ADMIN_FORMS}`,
    ],
    [
      'an admin address with a transport',
      { environment: { TRIDOT_ADMIN: 'tcp://127.0.0.1:1' } },
      `TRIDOT_ADMIN: "tcp://127.0.0.1:1": HTTP needs no udp:// or tcp://; it may be ${ADMIN_FORMS}`,
    ],
    [
      'an unknown flag',
      { args: ['--lisen', '127.0.0.1'] },
      '--lisen: unknown option; did you mean --listen?',
    ],
    [
      'an unknown flag with a value',
      { args: ['--port=53'] },
      '--port: unknown option; --help lists what there is',
    ],
    ['a short flag', { args: ['-x'] }, '-x: unknown option; --help lists what there is'],
    [
      'a flag without its value',
      { args: ['--upstream'] },
      `--upstream: has no value; it may be ${UPSTREAM_FORMS}`,
    ],
    ['an argument', { args: ['127.0.0.1'] }, '"127.0.0.1": unexpected argument; options begin with --'],
    [
      'an unknown variable',
      { environment: { TRIDOT_LISTN: '127.0.0.1' } },
      'TRIDOT_LISTN: unknown variable; did you mean TRIDOT_LISTEN?',
    ],
    [
      'an unknown variable far from all',
      { environment: { TRIDOT_X: '1' } },
      'TRIDOT_X: unknown variable; it may be TRIDOT_CONFIG, TRIDOT_LISTEN, TRIDOT_UPSTREAM, TRIDOT_CA, TRIDOT_ALLOW, TRIDOT_ADMIN or another of docs/OPTIONS.md',
    ],
    [
      'a missing file',
      { args: ['--config', '/nowhere/tridot.yaml'] },
      '--config: cannot read /nowhere/tridot.yaml: no such file (ENOENT)',
    ],
    [
      'a missing file of the environment',
      { environment: { TRIDOT_CONFIG: '/nowhere/x' } },
      'TRIDOT_CONFIG: cannot read /nowhere/x: no such file (ENOENT)',
    ],
    [
      'a folder in place of a file',
      { args: ['--config', '/'] },
      '--config: cannot read /: it is a directory (EISDIR)',
    ],
    [
      'an unknown key',
      { yaml: 'listen: ["127.0.0.1"]\nlistne: 1\n' },
      `FILE:2: listne: unknown key; it may be ${top}; did you mean listen?`,
    ],
    [
      'an unknown key in a group',
      { yaml: 'log:\n  format: json\n  lvel: info\n' },
      'FILE:3: log.lvel: unknown key; it may be level, format, queries, clients; did you mean level?',
    ],
    [
      'a key of no group',
      { yaml: 'limits: { listner: {} }' },
      `FILE:1: limits.listner: unknown key; it may be ${Object.keys(NUMBER_TABLES).join(', ')}; did you mean listener?`,
    ],
    [
      'a key named __proto__',
      { yaml: '__proto__: { listen: [] }' },
      `FILE:1: __proto__: unknown key; it may be ${top}`,
    ],
    [
      'a number out of range',
      { yaml: 'limits:\n  proxy:\n    graceMs: -1\n' },
      'FILE:3: limits.proxy.graceMs: -1 is not a whole number from 0 to 600000',
    ],
    [
      'a fraction',
      { yaml: 'limits: { proxy: { graceMs: 1.5 } }' },
      'FILE:1: limits.proxy.graceMs: 1.5 is not a whole number from 0 to 600000',
    ],
    [
      'a word in place of a group',
      { yaml: 'log: debug' },
      'FILE:1: log: must hold keys (level, format, queries, clients), not "debug"',
    ],
    [
      'a word in place of a list',
      { yaml: 'upstream: quad9' },
      'FILE:1: upstream: must be a list, as in ["quad9"]',
    ],
    [
      'a number in a list',
      { yaml: 'upstream:\n  - 9\n' },
      `FILE:2: upstream: 9 is not text; it may be ${UPSTREAM_FORMS}`,
    ],
    [
      'a switch of YAML 1.1',
      { yaml: 'log: { queries: yes }' },
      'FILE:1: log.queries: "yes" is neither true nor false',
    ],
    [
      'a list in place of the keys',
      { yaml: '- a\n- b\n' },
      'FILE: must hold keys such as "listen:", not a single value or a list',
    ],
    ['a key given twice', { yaml: 'ca: a\nca: b\n' }, 'FILE:2: Map keys must be unique'],
    [
      'what is not YAML',
      { yaml: 'listen: [\n' },
      'FILE:2: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    [
      'a setting of the file that a flag overrides',
      { yaml: 'log: { level: loud }', args: ['--log-level', 'info'] },
      `FILE:1: log.level: "loud" is not one of ${levels}`,
    ],
    [
      'control characters',
      { args: ['--log-level', 'a\nb\u001b[31m'] },
      `--log-level: "a\\x0ab\\x1b[31m" is not one of ${levels}`,
    ],
  ])('refuses %s in one line', async (_title, given, line) => {
    const error: unknown = await load(given).then(
      () => 'accepted',
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(SettingError);
    expect(messageOf(error)).toBe(line.replace('FILE', join(folder, 'tridot.yaml')));
  });
});
