import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROVIDERS } from '@tridot/providers';
import { createTestCa } from '@tridot/testbed';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { messageOf, SettingError } from '../src/failures.ts';
import { parseCommandLine } from '../src/settings/command-line.ts';
import { createSettings } from '../src/settings/create-settings.ts';
import { loadSettings } from '../src/settings/load-settings.ts';
import { checkUpstreams, trustAnchorFiles } from '../src/upstreams/check-upstreams.ts';
import { parsePlainOrTlsUpstream } from '../src/upstreams/plain-address.ts';
import { parseUpstream } from '../src/upstreams/upstream-addresses.ts';
import { upstreamsOptions } from '../src/upstreams/upstreams-options.ts';

const PIN = `sha256/${'A'.repeat(43)}=`;
const OTHER_PIN = `sha256/${'B'.repeat(43)}=`;

describe('the settings of upstreams', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tridot-upstreams-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  interface Given {
    readonly args?: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
    readonly yaml?: string;
  }

  async function load({ args = [], environment = {}, yaml = '' }: Given) {
    writeFileSync(join(folder, 'tridot.yaml'), yaml);
    const commandLine = parseCommandLine([...args, '--config', join(folder, 'tridot.yaml')], '/work');
    const { settings, nameOf } = await loadSettings({ ...commandLine, environment });
    checkUpstreams(settings, nameOf);
    return upstreamsOptions(settings);
  }

  it('are those of one failover group unless said otherwise', async () => {
    expect(await load({})).toMatchObject({
      selection: 'failover',
      servfail: 'answer',
      ecs: 'forward',
      warm: false,
      groups: {},
      routes: {},
    });
    expect((await load({})).servers[0]).toMatchObject({
      host: '1.1.1.1',
      authName: 'cloudflare-dns.com',
      authentication: 'strict',
      sni: true,
      tls13Only: false,
    });
  });

  it('can be given as flags', async () => {
    const words = '--selection fastest --servfail failure --ecs strip --warm --no-sni --tls13-only';
    const args = [...words.split(' '), '--pin', `${PIN},${OTHER_PIN}`, '--upstream-hedge-percent', '5'];
    const options = await load({ args: [...args, '--upstream-max-queries-per-connection', '100'] });
    expect(options).toMatchObject({ selection: 'fastest', servfail: 'failure', ecs: 'strip', warm: true });
    expect(options.limits).toMatchObject({ hedgePercent: 5, maxQueriesPerConnection: 100 });
    expect(options.servers[0]).toMatchObject({ sni: false, tls13Only: true, pins: [PIN, OTHER_PIN] });
  });

  it('can be given as variables, groups and routes as JSON', async () => {
    const environment = {
      TRIDOT_SELECTION: 'race',
      TRIDOT_OPPORTUNISTIC: 'true',
      TRIDOT_GROUPS: '{"corp":{"upstream":["tls://192.0.2.1"],"selection":"round-robin"}}',
      TRIDOT_ROUTES: '{"corp.example.com":"corp"}',
    };
    const options = await load({ environment });
    expect(options.servers[0]).toMatchObject({ authentication: 'opportunistic' });
    expect(options).toMatchObject({
      selection: 'race',
      groups: { corp: { selection: 'round-robin', servers: [{ host: '192.0.2.1' }] } },
      routes: { 'corp.example.com': 'corp' },
    });
  });

  it('can be those of one upstream alone', async () => {
    const yaml = [
      'tls: { pins: [], sni: false }',
      'upstream:',
      '  - quad9',
      `  - { server: "tls://192.0.2.1#dns.example.com", pins: ["${PIN}"], sni: true, tls13Only: true }`,
      '  - { server: tls://192.0.2.2, opportunistic: true }',
    ].join('\n');
    const { servers } = await load({ yaml });
    expect(servers[0]).toMatchObject({ authName: 'dns.quad9.net', sni: false });
    expect(servers.at(-2)).toMatchObject({ host: '192.0.2.1', pins: [PIN], sni: true, tls13Only: true });
    expect(servers.at(-1)).toMatchObject({ host: '192.0.2.2', authentication: 'opportunistic' });
  });

  it('lets a group say what is other than at the top', async () => {
    const yaml = [
      'ecs: strip',
      'limits: { upstream: { queryTimeoutMs: 3000, maxSends: 2 } }',
      'groups:',
      '  corp: { upstream: ["udp://10.0.0.53", "tcp://[fd00::53]:5353"], insecure: true, limits: { maxSends: 1 } }',
      'routes: { corp.example.com: corp, example.net: default }',
    ].join('\n');
    const { groups } = await load({ yaml });
    expect(groups?.corp).toMatchObject({
      ecs: 'strip',
      insecure: true,
      servers: [
        { transport: 'udp', host: '10.0.0.53', port: 53 },
        { transport: 'tcp', host: 'fd00::53', port: 5353 },
      ],
      limits: { queryTimeoutMs: 3_000, maxSends: 1 },
    });
  });

  it('takes paths from the file that names them, and watches trust anchors', async () => {
    const { pem } = await createTestCa();
    writeFileSync(join(folder, 'ca.pem'), pem);
    const yaml = [
      'upstream: [{ server: tls://192.0.2.1, ca: ca.pem }]',
      'groups: { a: { upstream: [tls://192.0.2.2], ca: ca.pem } }',
    ].join('\n');
    const options = await load({ yaml });
    const certificate = { ca: expect.stringContaining('BEGIN CERTIFICATE') };
    expect(options.servers[0]).toMatchObject(certificate);
    expect(options.groups?.a).toMatchObject(certificate);
    const file = join(folder, 'ca.pem');
    const settings = createSettings({ ca: '/a.pem', upstream: [{ server: 'quad9', ca: file }] });
    expect(trustAnchorFiles(settings)).toEqual(['/a.pem', file]);
  });

  it('reads the pair of our own certificate, and names the setting when it does not fit', async () => {
    const ca = await createTestCa();
    const one = await ca.issue({ dnsNames: ['one.example.com'] });
    const other = await ca.issue({ dnsNames: ['other.example.com'] });
    const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
    writeFileSync(files.cert, one.cert);
    writeFileSync(files.key, one.key);
    const args = ['--client-cert', files.cert, '--client-key', files.key];
    expect((await load({ args })).servers[0]).toMatchObject({
      clientCertificate: { certFile: files.cert, keyFile: files.key },
    });
    writeFileSync(files.key, other.key);
    await expect(load({ args })).rejects.toThrow(
      /^upstream: clientCertificate: the key in .* is not that of/,
    );
  });

  it.each<[string, Given, string]>([
    [
      'a certificate without a key',
      { args: ['--client-cert', '/c.pem'] },
      '--client-cert: has no private key beside it; give clientKey (--client-key) too',
    ],
    [
      'a pin that is none',
      { args: ['--pin', 'abc'] },
      '--pin: "abc" is not a pin; it may be sha256/ and the Base64 of 32 octets',
    ],
    [
      'pins for whoever answers',
      { args: ['--pin', PIN, '--opportunistic'] },
      '--pin: cannot be given together with opportunistic: it would use any key',
    ],
    [
      'a mistyped selection',
      { args: ['--selection', 'fastst'] },
      '--selection: "fastst" is not one of failover, round-robin, fastest, race; did you mean fastest?',
    ],
    [
      'a race that hedges',
      { yaml: 'selection: race\nlimits: { upstream: { hedgePercent: 5 } }' },
      'FILE:1: selection: race already asks several; it needs limits.upstream.hedgePercent 0',
    ],
    [
      'plain DNS without a group',
      { args: ['--upstream', 'udp://10.0.0.53'] },
      '--upstream: "udp://10.0.0.53" is not encrypted; plain DNS is for groups with insecure: true that a route leads to',
    ],
    [
      'plain DNS in a group that does not say so',
      { yaml: 'groups:\n  corp:\n    upstream: ["udp://10.0.0.53"]' },
      'FILE:3: groups.corp.upstream: udp://10.0.0.53 is not encrypted; use tls://, or write insecure: true in the group',
    ],
    [
      'plain DNS over the internet',
      { yaml: 'groups:\n  corp: { upstream: ["udp://192.0.2.1"], insecure: true }' },
      'FILE:2: groups.corp.upstream.0: "udp://192.0.2.1" is not encrypted, and its address is not private; only tls:// may leave the site',
    ],
    [
      'a key that plain DNS has not',
      { yaml: 'groups:\n  corp: { upstream: [{ server: "udp://10.0.0.53", sni: false }], insecure: true }' },
      'FILE:2: groups.corp.upstream.0.sni: is for upstreams with TLS alone',
    ],
    [
      'a mistyped key of a group',
      { yaml: 'groups:\n  corp:\n    upstream: [quad9]\n    selecton: race\n' },
      'FILE:4: groups.corp.selecton: unknown key; it may be upstream, insecure, selection, servfail, ecs, warm, ca, limits; did you mean selection?',
    ],
    [
      'a mistyped choice of a group',
      { yaml: 'groups:\n  corp:\n    upstream: [quad9]\n    servfail: fail\n' },
      'FILE:4: groups.corp.servfail: "fail" is not one of answer, failure',
    ],
    [
      'a number of a group out of range',
      { yaml: 'groups:\n  corp:\n    upstream: [quad9]\n    limits: { maxSends: 9 }\n' },
      'FILE:4: groups.corp.limits.maxSends: 9 is not a whole number from 1 to 3',
    ],
    [
      'a group without upstreams',
      { yaml: 'groups: { corp: {} }' },
      'FILE: groups.corp.upstream: has to be given',
    ],
    [
      'a mistyped key of an upstream',
      { yaml: 'upstream:\n  - server: quad9\n    pin: [a]\n' },
      'FILE:3: upstream.0.pin: unknown key; it may be server, pins, ca, clientCert, clientKey, sni, tls13Only, opportunistic; did you mean pins?',
    ],
    [
      'a group called default',
      { yaml: 'groups: { default: { upstream: [quad9] } }' },
      'FILE:1: groups.default: "default" is what the upstreams of `upstream` are called; choose another name',
    ],
    [
      'a route to nowhere',
      { yaml: 'groups: { corp: { upstream: [quad9] } }\nroutes: { corp.example.com: crop }' },
      'FILE:2: routes.corp.example.com: "crop" is not a group; it may be default, corp; did you mean corp?',
    ],
    [
      'a route of no name',
      { yaml: 'routes: { "a..b": default }' },
      'FILE:1: routes.a..b: "a..b" is not a domain name',
    ],
    [
      'groups that are no JSON',
      { environment: { TRIDOT_GROUPS: '{' } },
      'TRIDOT_GROUPS: must hold keys such as corp: { upstream: [tls://192.0.2.1#dns.example.com] }, not "{"',
    ],
    [
      'a bad value inside JSON',
      { environment: { TRIDOT_GROUPS: '{"corp":{"upstream":["quad9"],"warm":1}}' } },
      'TRIDOT_GROUPS: corp.warm: 1 is neither true nor false',
    ],
    [
      'an agreement of one',
      { args: ['--agreement', 'fail', '--agreement-group', 'default', '--agreement-suffix', '.'] },
      '--agreement-group: must name 2 or 3 different groups, not "default"',
    ],
    [
      'an agreement with nobody',
      { yaml: 'agreement: { mode: observe, groups: [default, other], sampleRate: 1 }' },
      'FILE:1: agreement.groups: "other" is not a group; it may be default',
    ],
    [
      'an agreement about nothing',
      { yaml: 'groups: { a: { upstream: [quad9] } }\nagreement: { mode: observe, groups: [default, a] }' },
      'FILE:2: agreement.mode: observe compares nothing without agreement.suffixes or agreement.sampleRate',
    ],
    [
      'a share above all',
      { args: ['--agreement-sample-rate', '1.5'] },
      '--agreement-sample-rate: 1.5 is not a number from 0 to 1',
    ],
  ])('refuse %s in one line', async (_title, given, line) => {
    const error: unknown = await load(given).then(
      () => 'accepted',
      (thrown: unknown) => thrown,
    );
    expect(messageOf(error)).toBe(line.replace('FILE', join(folder, 'tridot.yaml')));
    expect(error).toBeInstanceOf(SettingError);
  });

  it('refuse a provider that was switched off, and say when', () => {
    const gone = PROVIDERS.find(({ ended }) => ended !== null);
    if (gone?.ended == null) throw new Error('no provider has ended');
    expect(() => parseUpstream(gone.name)).toThrow(`"${gone.name}" was switched off on ${gone.ended.on}`);
  });

  it('know every provider that is still there', () => {
    for (const { name, authName, ended } of PROVIDERS) {
      if (ended !== null) continue;
      expect(parseUpstream(name)[0]).toMatchObject({ authName });
    }
  });

  it.each(['udp://', 'udp://dns.example.com', 'tcp://10.0.0.1:0', 'udp://fd00::1', 'udp://[10.0.0.1]'])(
    'refuse the plain upstream %s',
    (text) => {
      expect(() => parsePlainOrTlsUpstream(text)).toThrow(RangeError);
    },
  );
});
