import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTestCa, type TestCa } from '@tridot/testbed';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseLocalRecord } from '../src/answers/local-record.ts';
import { SettingError } from '../src/failures.ts';
import { rcodeOfReply } from '../src/metrics/reply-rcode.ts';
import { createProxy } from '../src/proxy.ts';
import type { SettingsInput } from '../src/settings/settings-schema.ts';
import { fakeStrategy } from './fake-strategy.ts';
import { metric, queryFor, type RunningProxy, runProxy } from './running-proxy.ts';

const QUERY = queryFor('www.example.com');

let ca: TestCa;
let running: RunningProxy;

beforeAll(async () => {
  ca = await createTestCa();
});
afterEach(() => running.close());

async function started(input: SettingsInput = {}): Promise<RunningProxy> {
  running = await runProxy(input, ca);
  return running;
}

describe('the cache', () => {
  it('answers the second query, says so in log and metrics, and survives a reload', async () => {
    const { ask, proxy, settings, lines } = await started({ cache: {}, log: { queries: true } });
    await ask(QUERY);
    await ask(QUERY);
    const limits = { upstream: { queryTimeoutMs: 1_000 } };
    await proxy.reload(settings({ limits }));
    expect(rcodeOfReply(await ask(QUERY))).toBe(0);
    const sources = lines.map(({ fields }) => fields.source).filter((source) => source !== undefined);
    expect(sources).toEqual(['upstream', 'cache', 'cache']);
    expect(await metric(running, 'tridot_cache_lookups_total{result="hit"}')).toBe(2);
    expect(await metric(running, 'tridot_cache_lookups_total{result="miss"}')).toBe(1);
    expect(await metric(running, 'tridot_cache_entries')).toBe(1);
    expect(await metric(running, 'tridot_cache_bytes')).toBeGreaterThan(0);
  });

  it('can be switched off', async () => {
    const { ask, upstream } = await started({ admin: undefined, cache: { enabled: false, coalesce: false } });
    await ask(QUERY);
    await ask(QUERY);
    expect(upstream.journal.queries).toHaveLength(2);
  });

  it('is written at the end and read at the start; a damaged file is one line', async () => {
    const { ask, proxy, settings, upstream, folder, lines } = await started({ admin: undefined });
    const cache = { file: join(folder, 'cache') };
    const again = async (): Promise<number> => {
      const strategy = fakeStrategy();
      const next = createProxy(strategy, settings({ cache }), { logger: running.logger });
      await next.start();
      const before = upstream.journal.queries.length;
      await strategy.handlers[0]?.(Buffer.from(QUERY), { transport: 'udp', address: '127.0.0.1', port: 9 });
      await next.close({ graceMs: 0 });
      return upstream.journal.queries.length - before;
    };
    await ask(QUERY);
    await proxy.close({ graceMs: 0 });
    expect([await again(), await again()]).toEqual([1, 0]);
    writeFileSync(cache.file, readFileSync(cache.file).subarray(5));
    expect(await again()).toBe(1);
    expect(lines.map(({ text }) => text).filter((text) => text.includes('ignored'))).toHaveLength(1);
  });

  it('does without a shared cache that is away', async () => {
    const { ask, lines, get } = await started({ cache: { shared: 'redis://:secret@127.0.0.1:1' } });
    expect(rcodeOfReply(await ask(QUERY))).toBe(0);
    await expect
      .poll(() => lines.map(({ text }) => text).join('\n'))
      .toContain('shared cache redis://***@127.0.0.1:1: cannot be asked');
    expect(JSON.stringify(lines)).not.toContain('secret');
    expect(await (await get('/config')).text()).not.toContain('secret');
    expect(await metric(running, 'tridot_shared_cache_events_total{event="hits"}')).toBe(0);
  });
});

describe('the policy', () => {
  it('answers special and local names and blocks others, and counts each', async () => {
    const { ask, proxy, settings, folder, upstream } = await started();
    writeFileSync(join(folder, 'block.txt'), 'www.example.com\n');
    const policy = { localRecords: ['nas.home.arpa A 192.0.2.10'], blockFiles: [join(folder, 'block.txt')] };
    expect((await proxy.reload(settings({ policy }))).changed).toEqual([
      'policy.localRecords',
      'policy.blockFiles',
    ]);
    const before = upstream.journal.queries.length;
    const local = await ask(queryFor('nas.home.arpa'));
    expect(Buffer.isBuffer(local) && [...local.subarray(-4)]).toEqual([192, 0, 2, 10]);
    expect(rcodeOfReply(await ask(queryFor('a.onion')))).toBe(3);
    expect(rcodeOfReply(await ask(QUERY))).toBe(3);
    expect(upstream.journal.queries.length).toBe(before);
    for (const reason of ['blocked', 'local', 'special']) {
      expect(await metric(running, `tridot_policy_answers_total{reason="${reason}"}`)).toBe(1);
    }
    await proxy.reload(settings({ policy: { specialOff: ['onion'] } }));
    await ask(queryFor('a.onion'));
    expect(upstream.journal.queries.length).toBe(before + 1);
    expect(await metric(running, 'tridot_policy_answers_total{reason="special"}')).toBe(1);
  });

  it.each<[string, SettingsInput, string]>([
    ['a record', { policy: { localRecords: ['nas.home.arpa A 192.0.2.256'] } }, 'policy: local record'],
    [
      'a special name',
      { policy: { specialOff: ['example'] } },
      'policy: special name "example" is not one of',
    ],
  ])('refuses %s that cannot be obeyed before anything is bound', async (_title, input, message) => {
    const { settings } = await started({ admin: undefined });
    expect(() => createProxy(fakeStrategy(), settings(input))).toThrow(SettingError);
    expect(() => createProxy(fakeStrategy(), settings(input))).toThrow(message);
  });

  it('refuses a list that is not there, at the start and in a reload', async () => {
    const { settings, proxy, ask } = await started({ admin: undefined });
    const policy = { blockFiles: ['/nowhere/block.txt'] };
    await expect(createProxy(fakeStrategy(), settings({ policy })).start()).rejects.toThrow(SettingError);
    await expect(proxy.reload(settings({ policy }))).rejects.toThrow('policy: /nowhere/block.txt: ');
    expect(rcodeOfReply(await ask(QUERY))).toBe(0);
  });
});

describe('parseLocalRecord', () => {
  it.each([
    ['nas.home.arpa A 192.0.2.10', { name: 'nas.home.arpa', type: 'A', value: '192.0.2.10' }],
    [
      ' *.x.example  300  cname y.example ',
      { name: '*.x.example', type: 'CNAME', value: 'y.example', ttlSeconds: 300 },
    ],
    [
      'x.example TXT some text, with a comma',
      { name: 'x.example', type: 'TXT', value: 'some text, with a comma' },
    ],
    ['x.example MX 10 mail.example.com', { name: 'x.example', type: 'MX', value: '10 mail.example.com' }],
  ])('reads %j', (text, expected) => {
    expect(parseLocalRecord(text)).toEqual(expected);
  });

  it.each(['', 'nas', 'nas A', 'nas 300 A', 'nas LOC 1'])('refuses %j', (text) => {
    expect(() => parseLocalRecord(text)).toThrow(RangeError);
  });
});
