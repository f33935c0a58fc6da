import { appendFileSync } from 'node:fs';
import { mkdir, rm, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { type Policy, PolicyFileError } from '../src/index.ts';
import { directory, listFile, Reports, replaceFile, started } from './list-file.ts';
import { ask, policyOf } from './messages.ts';

const FAST = { settleMs: 10, pollMs: 3_600_000 };
const POLLING = { settleMs: 10, pollMs: 50 };
const blocked = (policy: Policy, ...names: string[]): string[] =>
  names.filter((qname) => ask(policy, { qname }) !== null);
const ALL = ['a.example', 'b.example', 'c.example'];

describe('a file that changes', () => {
  it.each(['written', 'replaced'])('is read again: %s', async (how) => {
    const file = await listFile('a.example\n');
    const { policy, reports } = await started({ blockFiles: [file], limits: FAST });
    expect(blocked(policy, ...ALL)).toEqual(['a.example']);
    if (how === 'written') await writeFile(file, 'b.example\nc.example\n');
    else await replaceFile(file, 'b.example\nc.example\n');
    await reports.until(() => reports.loaded.at(-1)?.names === 2);
    expect(blocked(policy, ...ALL)).toEqual(['b.example', 'c.example']);
  });

  it('is noticed without events too', async () => {
    const root = await directory();
    const [one, two, link] = [join(root, 'one'), join(root, 'two'), join(root, 'link')];
    for (const path of [one, two]) await mkdir(path);
    await writeFile(join(one, 'list'), 'a.example\n');
    await symlink(join(one, 'list'), link);
    const { policy, reports } = await started({ blockFiles: [link], limits: POLLING });
    // The directory of the link does not change, only that of its target.
    await writeFile(join(one, 'list'), 'b.example\nc.example\n');
    await reports.until(() => reports.loaded.at(-1)?.names === 2);
    expect(blocked(policy, ...ALL)).toEqual(['b.example', 'c.example']);
  });

  it('may be a link that leads to another directory from now on, as in a Kubernetes volume', async () => {
    const root = await directory();
    for (const [version, content] of [
      ['v1', 'a.example'],
      ['v2', 'b.example\nc.example'],
    ] as const) {
      await mkdir(join(root, version));
      await writeFile(join(root, version, 'list'), content);
    }
    await symlink('v1', join(root, '..data'));
    await symlink(join('..data', 'list'), join(root, 'list'));
    const { policy, reports } = await started({
      allowFiles: [],
      blockFiles: [join(root, 'list')],
      limits: FAST,
    });
    await unlink(join(root, '..data'));
    await symlink('v2', join(root, '..data'));
    await reports.until(() => reports.loaded.at(-1)?.names === 2);
    expect(blocked(policy, ...ALL)).toEqual(['b.example', 'c.example']);
  });

  it('is not read while it is being written', async () => {
    const file = await listFile('a.example\n');
    const limits = { settleMs: 400, pollMs: 50 };
    const { policy, reports } = await started({ blockFiles: [file], limits });
    let names = 0;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        appendFileSync(file, `n${++names}.example\n`);
        if (names < 50) return;
        clearInterval(timer);
        resolve();
      }, 20);
    });
    expect(reports.loaded).toHaveLength(1);
    await reports.until(() => reports.loaded.length === 2);
    expect(reports.loaded[1]?.names).toBe(51);
    expect(blocked(policy, 'n50.example')).toEqual(['n50.example']);
  });

  it('may be an allow list or a hosts file', async () => {
    const [allow, hosts] = [await listFile('a.example'), await listFile('192.0.2.1 b.example')];
    const blockFiles = [await listFile('a.example\nc.example')];
    const { policy, reports } = await started({
      blockFiles,
      allowFiles: [allow],
      hostsFiles: [hosts],
      limits: FAST,
    });
    expect(blocked(policy, ...ALL)).toEqual(['b.example', 'c.example']);
    await replaceFile(allow, 'c.example\n# changed');
    await replaceFile(hosts, '192.0.2.1 x.example\n# changed');
    await reports.until(() => reports.loaded.length === 5);
    expect(blocked(policy, ...ALL, 'x.example')).toEqual(['a.example', 'x.example']);
  });
});

describe('a file that turns bad', () => {
  const bad: [string, string, (file: string) => Promise<void>][] = [
    ['vanished', 'ERR_LIST_UNREADABLE', (file) => unlink(file)],
    ['is empty', 'ERR_LIST_UNUSABLE', (file) => truncate(file)],
    ['holds no list', 'ERR_LIST_UNUSABLE', (file) => replaceFile(file, '<html>\nnot found\n</html>')],
    ['is too long', 'ERR_LIST_TOO_LONG', (file) => replaceFile(file, 'a.x.y\nb.x.y\nc.x.y\nd.x.y\n')],
    [
      'is a directory',
      'ERR_LIST_UNREADABLE',
      async (file) => {
        await rm(file);
        await mkdir(file);
      },
    ],
  ];
  it.each(bad)('keeps its names, and says so once: %s', async (_title, code, spoil) => {
    const [file, other] = [await listFile('a.example\nb.example\n'), await listFile('x.example')];
    const limits = { ...POLLING, maxListNames: 4 };
    const { policy, reports } = await started({ blockFiles: [file, other], limits });
    await spoil(file);
    await reports.until(() => reports.failed.length > 0);
    expect(reports.failed).toMatchObject([{ kind: 'block', file, keptNames: 2, error: { code, file } }]);
    expect(reports.failed[0]?.error.message).toMatch(new RegExp(`^${file}: [^\\n]+$`));
    // The change of another file is only noticed by looking at all of them again.
    await replaceFile(other, 'y.example\n');
    await reports.until(() => reports.loaded.length === 3);
    expect(reports.failed).toHaveLength(1);
    expect(blocked(policy, ...ALL, 'y.example')).toEqual(['a.example', 'b.example', 'y.example']);
    await rm(file, { recursive: true, force: true });
    await writeFile(file, 'c.example\n');
    await reports.until(() => reports.loaded.length === 4);
    expect(blocked(policy, ...ALL)).toEqual(['c.example']);
  });

  it('leaves the other files alone', async () => {
    const [one, two] = [await listFile('a.example'), await listFile('b.example')];
    const { policy, reports } = await started({ blockFiles: [one, two], limits: FAST });
    await unlink(one);
    await reports.until(() => reports.failed.length === 1);
    await replaceFile(two, 'c.example\n# changed');
    await reports.until(() => reports.loaded.length === 3);
    expect(blocked(policy, ...ALL)).toEqual(['a.example', 'c.example']);
  });

  it('may become a list of comments, which is empty', async () => {
    const file = await listFile('a.example');
    const { policy, reports } = await started({ blockFiles: [file], limits: FAST });
    await replaceFile(file, '# nothing any more\n');
    await reports.until(() => reports.loaded.length === 2);
    expect(blocked(policy, ...ALL)).toEqual([]);
  });

  it('of hosts keeps its records', async () => {
    const file = await listFile('192.0.2.1 a.example');
    const { policy, reports } = await started({ hostsFiles: [file], limits: FAST });
    await replaceFile(file, 'a.example b.example c.example\n');
    await reports.until(() => reports.failed.length === 1);
    expect(reports.failed).toMatchObject([
      { kind: 'hosts', keptNames: 1, error: { code: 'ERR_LIST_UNUSABLE' } },
    ]);
    expect(blocked(policy, ...ALL)).toEqual(['a.example']);
  });
});

describe('start', () => {
  it.each([
    ['no such file', 'ERR_LIST_UNREADABLE', async () => join(await directory(), 'none')],
    ['a directory', 'ERR_LIST_UNREADABLE', directory],
    ['no list', 'ERR_LIST_UNUSABLE', () => listFile('\0\0\0\0\n')],
    ['an empty file', 'ERR_LIST_UNUSABLE', () => listFile('')],
    [
      'too many names',
      'ERR_LIST_TOO_LONG',
      () => listFile('a.example b.example\n0.0.0.0 a.example b.example'),
    ],
  ] as const)('fails clearly: %s', async (_title, code, make) => {
    const reports = new Reports();
    const policy = policyOf({
      blockFiles: [await make()],
      observer: reports,
      limits: { ...POLLING, maxListNames: 1 },
    });
    const error: unknown = await policy.start().then(
      () => null,
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(PolicyFileError);
    expect(error).toMatchObject({ code });
    expect(reports.failed).toEqual([]);
  });

  it('counts the names of all lists against the limit', async () => {
    const blockFiles = [await listFile('a.example\nb.example'), await listFile('c.example')];
    const limited = (maxListNames: number) => policyOf({ blockFiles, limits: { maxListNames } });
    const enough = limited(3);
    await enough.start();
    await enough.close();
    await expect(limited(2).start()).rejects.toMatchObject({
      code: 'ERR_LIST_TOO_LONG',
      file: blockFiles[1],
    });
  });

  it('is over at once when the policy is closed meanwhile', async () => {
    const blockFiles = [await listFile('a.example')];
    const policy = policyOf({ blockFiles });
    const starting = policy.start();
    await policy.close();
    await expect(starting).rejects.toMatchObject({ code: 'ERR_LIST_CLOSED' });
  });
});

describe('reload and close', () => {
  it('reload reads all files at once', async () => {
    const file = await listFile('a.example');
    const { policy, reports } = await started({ blockFiles: [file], limits: { settleMs: 60_000 } });
    await replaceFile(file, 'b.example');
    await policy.reload();
    expect(reports.loaded).toHaveLength(2);
    expect(blocked(policy, ...ALL)).toEqual(['b.example']);
  });

  it('close can be called often, and answers go on', async () => {
    const { policy } = await started({ blockFiles: [await listFile('a.example')], limits: POLLING });
    await Promise.all([policy.close(), policy.close()]);
    await policy.close();
    expect(blocked(policy, ...ALL)).toEqual(['a.example']);
  });

  it('nothing is held open afterwards', async () => {
    const before = process
      .getActiveResourcesInfo()
      .filter((kind) => kind === 'FSEvent' || kind === 'Timeout').length;
    const { policy } = await started({ blockFiles: [await listFile('a.example')], limits: POLLING });
    await policy.close();
    const after = process
      .getActiveResourcesInfo()
      .filter((kind) => kind === 'FSEvent' || kind === 'Timeout').length;
    expect(after).toBeLessThanOrEqual(before);
  });
});

describe('a large list', () => {
  it('lets other work have its turn while it is read', async () => {
    const names = Array.from({ length: 200_000 }, (_, i) => `name-${i}.example`);
    const policy = policyOf({ blockFiles: [await listFile(names.join('\n'))] });
    let turns = 0;
    let isReading = true;
    const count = (): void => {
      turns++;
      if (isReading) setImmediate(count);
    };
    setImmediate(count);
    const startedMs = performance.now();
    await policy.start();
    isReading = false;
    await policy.close();
    expect(turns).toBeGreaterThan(50);
    expect(performance.now() - startedMs).toBeLessThan(20_000);
    expect(blocked(policy, 'name-0.example', 'name-199999.example', 'name-200000.example')).toHaveLength(2);
  });
});
