import { describe, expect, it } from 'vitest';
import type { Policy } from '../src/index.ts';
import { blocking, listFile, started } from './list-file.ts';
import { ask, brief, NOERROR, NXDOMAIN, policyOf, TYPES, UDP_SIZE } from './messages.ts';

const isBlocked = (policy: Policy, qname: string | readonly string[]): boolean =>
  ask(policy, { qname }) !== null;

function verdicts(policy: Policy, names: readonly string[]): Record<string, boolean> {
  return Object.fromEntries(names.map((qname) => [qname, isBlocked(policy, qname)]));
}

describe('a blocked name', () => {
  it('does not exist, and the SOA says for how long', async () => {
    const { policy } = await blocking('ads.example.com\n', { limits: { blockTtlSeconds: 17 } });
    const reply = ask(policy, { qname: 'Ads.Example.COM', qtype: TYPES.AAAA });
    expect(reply).toMatchObject({ rcode: NXDOMAIN, qname: 'Ads.Example.COM.', answers: [], opt: null });
    const data = 'Ads.Example.COM. nobody.invalid. 1 3600 1200 604800 17';
    expect(reply?.authorities).toEqual([{ owner: 'Ads.Example.COM.', type: TYPES.SOA, ttl: 17, data }]);
    expect(policy.counters).toEqual({ blocked: 1, local: 0, special: 0 });
  });

  it('has the unspecified addresses by setting, and no other data', async () => {
    const { policy } = await blocking('||example.com^\n', { blockAnswer: 'zero' });
    const zeros = '0'.repeat(32);
    expect(brief(ask(policy, { qname: 'www.example.com' }))).toBe('0 [1 00000000] []');
    expect(brief(ask(policy, { qname: 'example.com', qtype: TYPES.AAAA }))).toBe(`0 [28 ${zeros}] []`);
    expect(brief(ask(policy, { qname: 'example.com', qtype: TYPES.ANY }))).toBe(
      `0 [1 00000000, 28 ${zeros}] []`,
    );
    expect(brief(ask(policy, { qname: 'www.example.com', qtype: TYPES.TXT }))).toBe(
      '0 [] [6 of example.com.]',
    );
    expect(ask(policy, { qname: 'example.com' })?.answers[0]?.ttl).toBe(60);
  });

  it.each(['nxdomain', 'zero'] as const)(
    'is told to be blocked when there is an OPT (%s)',
    async (blockAnswer) => {
      const { policy } = await blocking('ads.example.com', { blockAnswer });
      const reply = ask(policy, { qname: 'ads.example.com', opt: { dnssecOk: true }, flags: 0x0110 });
      expect(reply?.opt).toEqual({ size: UDP_SIZE, flags: 0x8000, options: '000f0002000f' });
      expect(reply?.flags).toBe(0x8590 | (blockAnswer === 'zero' ? NOERROR : NXDOMAIN));
    },
  );

  it('is only blocked in queries of class IN', async () => {
    const { policy } = await blocking('ads.example.com');
    expect(ask(policy, { qname: 'ads.example.com', qclass: 3 })).toBeNull();
    expect(ask(policy, { qname: 'ads.example.com', flags: 5 << 11 })).toBeNull();
  });
});

describe('what a name in a list stands for', () => {
  const list = 'one.example.com\n0.0.0.0 two.example.com\n||three.example.com^\n*.four.example.com\n';
  const below = ['a.one.example.com', 'a.two.example.com', 'a.b.three.example.com', 'a.four.example.com'];
  const above = [
    'example.com',
    'xone.example.com',
    'com',
    'e.example.com',
    'one.example.org',
    'one.example.com.com',
  ];

  it('itself, and what is below when the list says so', async () => {
    const { policy } = await blocking(list);
    expect(verdicts(policy, [...below, ...above])).toEqual({
      ...Object.fromEntries(above.map((qname) => [qname, false])),
      'a.one.example.com': false,
      'a.two.example.com': false,
      'a.b.three.example.com': true,
      'a.four.example.com': true,
    });
    for (const label of ['one', 'two', 'three', 'four'])
      expect(isBlocked(policy, `${label}.example.com`)).toBe(true);
  });

  it('what is below as well, by setting', async () => {
    const { policy } = await blocking(list, { blockSubdomains: true });
    expect(below.filter((qname) => !isBlocked(policy, qname))).toEqual([]);
    expect(above.filter((qname) => isBlocked(policy, qname))).toEqual([]);
  });

  it('the same name twice, once with what is below', async () => {
    const { policy, reports } = await blocking('a.example.com\n||a.example.com^\na.example.com\n');
    expect(reports.loaded[0]?.names).toBe(1);
    expect(isBlocked(policy, 'x.a.example.com')).toBe(true);
  });

  it('labels, not octets', async () => {
    const { policy } = await blocking('||a.example.com^');
    expect(isBlocked(policy, ['a.example', 'com'])).toBe(false);
    expect(isBlocked(policy, ['a', 'example.com'])).toBe(false);
    expect(isBlocked(policy, ['\x01a\x07example\x03com'])).toBe(false);
    expect(isBlocked(policy, ['x.y', 'a', 'example', 'com'])).toBe(true);
  });
});

describe('letters', () => {
  const lower = 'abcdefghijklmnopqrstuvwxyz';
  const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

  it.each([lower, upper])('are the same in both cases, in the list and in the query: %s', async (listed) => {
    const { policy } = await blocking(`${listed}.example.com`);
    for (const asked of [lower, upper]) expect(isBlocked(policy, [asked, 'example', 'com'])).toBe(true);
  });

  it('are the only octets with a case', async () => {
    const { policy } = await blocking('a-_0.example.com');
    for (const label of ['a\r_0', 'a-\x7f0', 'a-_P', 'a-_\x10'])
      expect(isBlocked(policy, [label, 'example', 'com'])).toBe(false);
  });
});

describe('an allowed name', () => {
  it.each(['a.example.com', '0.0.0.0 a.example.com', '||a.example.com^'])(
    'is never blocked: %s',
    async (line) => {
      const { policy } = await blocking('||example.com^\na.example.com\n', {
        allowFiles: [await listFile(line)],
      });
      expect(isBlocked(policy, 'a.example.com')).toBe(false);
      expect(isBlocked(policy, 'b.example.com')).toBe(true);
      expect(isBlocked(policy, 'x.a.example.com')).toBe(!line.startsWith('||'));
      expect(policy.counters.blocked).toBe(line.startsWith('||') ? 1 : 2);
    },
  );

  it('may be an exception in any list', async () => {
    const one = await listFile('||example.com^\n');
    const two = await listFile('@@||a.example.com^\nother.example.net\n');
    const { policy } = await started({ blockFiles: [one, two] });
    expect(
      verdicts(policy, ['b.example.com', 'a.example.com', 'x.a.example.com', 'other.example.net']),
    ).toEqual({
      'b.example.com': true,
      'a.example.com': false,
      'x.a.example.com': false,
      'other.example.net': true,
    });
  });
});

describe('lines', () => {
  const lines: [string, string, string[]][] = [
    ['a byte order mark', '\ufeffa.example.com\nb.example.com', ['a.example.com', 'b.example.com']],
    [
      'CRLF, tabs, blanks',
      '\ta.example.com \r\n0.0.0.0\t b.example.com\t\r\n\r\n',
      ['a.example.com', 'b.example.com'],
    ],
    [
      'comments',
      '# x.example\n!x.example\n[Adblock Plus]\na.example.com # b.example.com\n',
      ['a.example.com'],
    ],
    [
      'several names in a line',
      '127.0.0.1 a.example.com b.example.com # c\n',
      ['a.example.com', 'b.example.com'],
    ],
    [
      'all sinks',
      ['0.0.0.0', '127.0.0.1', '::', '::1', '0'].map((ip, i) => `${ip} n${i}.example.com`).join('\n'),
      [0, 1, 2, 3, 4].map((i) => `n${i}.example.com`),
    ],
    [
      'capitals, underscores, digits, a last dot',
      'A_1.Example.COM.\n1.2.3.example.com',
      ['a_1.example.com', '1.2.3.example.com'],
    ],
    [
      'IDN',
      'bücher.example.com\n||ПРИМЕР.example^\n0.0.0.0 straße.example.com',
      ['xn--bcher-kva.example.com', 'xn--e1afmkfd.example', 'xn--strae-oqa.example.com'],
    ],
    ['top-level names by a rule of their own', '||zip^\n*.mov\n', ['zip', 'mov']],
  ];
  it.each(lines)('are read: %s', async (_title, content, names) => {
    const { policy, reports } = await blocking(content);
    expect(names.filter((qname) => !isBlocked(policy, qname))).toEqual([]);
    expect(reports.loaded).toMatchObject([
      { kind: 'block', names: names.length, ignored: { invalid: 0, unsupported: 0, overlong: 0 } },
    ]);
  });

  const ignored: [string, 'invalid' | 'unsupported' | 'overlong'][] = [
    ['com', 'invalid'],
    ['192.0.2.1', 'invalid'],
    ['2001:db8::1', 'invalid'],
    ['a..example.com', 'invalid'],
    ['.example.com', 'invalid'],
    ['example.com/path', 'invalid'],
    ['https://example.com', 'invalid'],
    ['example.com##.banner', 'invalid'],
    ['example.com#c', 'invalid'],
    ['ex*mple.com', 'invalid'],
    ['ex%61mple.com', 'invalid'],
    ['ü%2f.example.com', 'invalid'],
    ['*', 'invalid'],
    ['<html>', 'invalid'],
    ['not found example.com', 'invalid'],
    [`${'a'.repeat(64)}.example.com`, 'invalid'],
    [`${'ab.'.repeat(84)}com`, 'invalid'],
    ['address=/example.com/', 'invalid'],
    ['||^', 'invalid'],
    ['||ex*mple.com^', 'invalid'],
    ['||example.com^$third-party', 'unsupported'],
    ['||example.com', 'unsupported'],
    ['|https://example.com^', 'unsupported'],
    ['@@example.com', 'unsupported'],
    ['@||example.com^', 'unsupported'],
    ['192.0.2.1 example.com', 'unsupported'],
    ['127.0.0.1 localhost', 'unsupported'],
    [`example.com ${' '.repeat(4_096)}`, 'overlong'],
    [`0.0.0.0 ${'a.example.com '.repeat(400)}`, 'overlong'],
  ];
  it.each(ignored)('that are ignored and counted: %s (%s)', async (line, kind) => {
    const { policy, reports } = await blocking(`good.example.net\n${line}\nfine.example.net`, {
      blockSubdomains: true,
    });
    const none = { invalid: 0, unsupported: 0, overlong: 0 };
    const found = reports.loaded[0]?.ignored ?? none;
    expect({ ...found, [kind]: Math.sign(found[kind]) }).toEqual({ ...none, [kind]: 1 });
    expect(
      verdicts(policy, ['example.com', 'a.example.com', 'com', 'good.example.net', 'fine.example.net']),
    ).toEqual({
      'example.com': false,
      'a.example.com': false,
      com: false,
      'good.example.net': true,
      'fine.example.net': true,
    });
  });

  it('longer than one reading, and across two', async () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `name-number-${i}.example.com`);
    const { policy, reports } = await blocking(names.join('\r\n'));
    expect(reports.loaded[0]).toMatchObject({ names: 20_000, ignored: { invalid: 0 } });
    expect(names.filter((qname) => !isBlocked(policy, qname))).toEqual([]);
    expect(isBlocked(policy, 'name-number-20000.example.com')).toBe(false);
  });
});

describe('before the files are read', () => {
  it('nothing is blocked', async () => {
    const policy = policyOf({ blockFiles: [await listFile('example.com')] });
    expect(isBlocked(policy, 'example.com')).toBe(false);
  });
});
