import { startUpstream } from '@tridot/testbed';
import { describe, expect, it } from 'vitest';
import { explain } from '../src/explain/explain.ts';
import { SettingError } from '../src/failures.ts';
import { createSettings } from '../src/settings/create-settings.ts';
import { runProgram } from './child-program.ts';

describe('explain', () => {
  it('tells route, group, order and settings', async () => {
    const settings = createSettings({
      upstream: ['tls://192.0.2.1#one.example.com'],
      groups: {
        corp: {
          upstream: [{ server: 'tls://192.0.2.2#two.example.com', sni: false }, 'udp://10.0.0.53'],
          insecure: true,
          selection: 'round-robin',
          limits: { maxSends: 1 },
        },
      },
      routes: { 'example.com': 'default', 'corp.example.com': 'corp' },
    });
    const text = await explain(settings, 'a.corp.example.com', 'aaaa');
    expect(text).toMatch(/^query +a\.corp\.example\.com\. IN AAAA$/m);
    expect(text).toMatch(/^route +corp\.example\.com leads to group corp/m);
    expect(text).toMatch(/^selection +round-robin/m);
    expect(text).toMatch(/^upstream 1 +two\.example\.com .*no SNI$/m);
    expect(text).toMatch(/^upstream 2 +udp:\/\/10\.0\.0\.53, not encrypted$/m);
    expect(text).toMatch(/^limits .*maxSends 1/m);
    expect(await explain(settings, 'www.example.com', 'A')).toMatch(
      /^route +example\.com leads to group default/m,
    );
    expect(await explain(settings, '.', 'NS')).toMatch(/^route +none of 2 is for this name/m);
  });

  it.each([
    ['printer.home.arpa', 'a special name'],
    ['nas.home.arpa', 'a local record'],
  ])('tells that the policy answers %s', async (name, why) => {
    const settings = createSettings({ policy: { localRecords: ['nas.home.arpa A 192.0.2.10'] } });
    const text = await explain(settings, name, 'A');
    expect(text).toContain(why);
    expect(text).not.toContain('upstream 1');
  });

  it.each([
    ['', 'A'],
    ['a..b', 'A'],
    [`${'a'.repeat(64)}.example.com`, 'A'],
    ['example.com', 'NONSENSE'],
    ['example.com', 'TYPE65536'],
  ])('refuses %j %s', async (name, type) => {
    await expect(explain(createSettings(), name, type)).rejects.toThrow(SettingError);
  });

  it('sends nothing, also where a connection is to be kept open, and ends with 0', async () => {
    const upstream = await startUpstream();
    const server = `tls://127.0.0.1:${upstream.port}#${upstream.authName}`;
    const args = ['--upstream', server, '--warm', '--explain', 'example.com', 'TYPE65'];
    const { code, stdout, stderr } = await runProgram(args);
    const { connectionCount } = upstream.journal;
    await upstream.close();
    expect({ code, stderr, connectionCount }).toEqual({ code: 0, stderr: '', connectionCount: 0 });
    expect(stdout).toMatch(/^query +example\.com\. IN HTTPS$/m);
  });
});
