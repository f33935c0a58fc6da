import { walk } from '@tridot/wire';
import { describe, expect, it } from 'vitest';
import { type LocalRecordOptions, PolicyOptionError } from '../src/index.ts';
import { listFile, started } from './list-file.ts';
import { ask, brief, NOERROR, NXDOMAIN, name, policyOf, query, TYPES } from './messages.ts';

const local = (...localRecords: LocalRecordOptions[]) => policyOf({ localRecords });
const a = (owner: string, value = '192.0.2.1'): LocalRecordOptions => ({ name: owner, type: 'A', value });

describe('a listed record', () => {
  const records: [LocalRecordOptions, string][] = [
    [a('nas.example'), '1 c0000201'],
    [
      { name: 'nas.example.', type: 'AAAA', value: '2001:db8::10:192.0.2.1' },
      '28 20010db8000000000000' + '0010c0000201',
    ],
    [{ name: 'nas.example', type: 'AAAA', value: '::' }, `28 ${'0'.repeat(32)}`],
    [{ name: 'nas.example', type: 'PTR', value: 'Host.example.com' }, '12 Host.example.com.'],
    [{ name: 'nas.example', type: 'MX', value: '10 mail.example.com' }, '15 10 mail.example.com.'],
    [{ name: 'nas.example', type: 'MX', value: '0 .' }, '15 0 .'],
    [
      { name: 'nas.example', type: 'TXT', value: 'v=1 "é"' },
      `16 08${Buffer.from('v=1 "é"').toString('hex')}`,
    ],
    [{ name: 'nas.example', type: 'TXT', value: '' }, '16 00'],
    [{ name: 'nas.example', type: 'TXT', value: 'x'.repeat(256) }, `16 ff${'78'.repeat(255)}0178`],
    [
      { name: 'nas.example', type: 'SRV', value: '0 5 389 ldap.example' },
      `33 000000050185${name('ldap.example').toString('hex')}`,
    ],
    [{ name: 'nas.example', type: 'CNAME', value: 'www.example.com' }, '5 www.example.com.'],
  ];
  it.each(records)('%j', (record, data) => {
    const policy = local(record);
    const reply = ask(policy, { qname: 'NAS.example', qtype: TYPES[record.type] });
    expect(brief(reply)).toBe(`0 [${data}] []`);
    expect(reply).toMatchObject({ flags: 0x8580, answers: [{ owner: 'NAS.example.', ttl: 60 }] });
    expect(policy.counters).toEqual({ blocked: 0, local: 1, special: 0 });
  });

  it('keeps its TTL, its place and every record of its name', () => {
    const policy = local({ ...a('x.example'), ttlSeconds: 5 }, a('x.example', '192.0.2.2'), a('x.example'));
    const reply = ask(policy, { qname: 'x.example' });
    expect(reply?.answers.map(({ ttl, data }) => `${ttl} ${data}`)).toEqual(['5 c0000201', '60 c0000202']);
    expect(ask(policy, { qname: 'x.example', qtype: TYPES.ANY })?.answers).toHaveLength(2);
  });

  it('of another type: no data, with SOA', () => {
    const reply = ask(local(a('x.example')), {
      qname: 'X.example',
      qtype: TYPES.AAAA,
      opt: { dnssecOk: false },
    });
    expect(reply).toMatchObject({ rcode: NOERROR, answers: [], opt: { options: '' } });
    const data = 'X.example. nobody.invalid. 1 3600 1200 604800 60';
    expect(reply?.authorities).toEqual([{ owner: 'X.example.', type: TYPES.SOA, ttl: 60, data }]);
  });

  it('says nothing about names above, below and beside', () => {
    const policy = local(a('x.y.example'));
    for (const qname of ['y.example', 'example', 'a.x.y.example', 'z.y.example', 'xx.y.example', '']) {
      expect(ask(policy, { qname })).toBeNull();
    }
    expect(ask(policy, { qname: 'x.y.example', qclass: 3 })).toBeNull();
  });

  it('may have any octets in its name', () => {
    const policy = local(a('My\\.Printer\\032\\255._ipp.example'), a('bücher.example'));
    expect(ask(policy, { qname: ['my.printer \xff', '_IPP', 'example'] })).not.toBeNull();
    expect(ask(policy, { qname: 'xn--bcher-kva.example' })).not.toBeNull();
    expect(ask(policy, { qname: ['my', 'printer \xff', '_ipp', 'example'] })).toBeNull();
  });

  it('comes before special names and block lists, and makes the names above it exist', async () => {
    const blockFiles = [await listFile('||example.com^')];
    const localRecords = [a('a.b.home.arpa'), a('www.test'), a('example.com')];
    const { policy } = await started({ localRecords, blockFiles });
    expect(ask(policy, { qname: 'a.b.home.arpa' })?.answers).toHaveLength(1);
    expect(ask(policy, { qname: 'b.home.arpa' })?.rcode).toBe(NOERROR);
    expect(ask(policy, { qname: 'c.home.arpa' })?.rcode).toBe(NXDOMAIN);
    expect(ask(policy, { qname: 'test' })?.rcode).toBe(NOERROR);
    expect(ask(policy, { qname: 'x.test' })?.rcode).toBe(NXDOMAIN);
    expect(ask(policy, { qname: 'example.com' })?.answers).toHaveLength(1);
    expect(ask(policy, { qname: 'www.example.com' })?.rcode).toBe(NXDOMAIN);
  });
});

describe('an alias', () => {
  const cname = (owner: string, value: string): LocalRecordOptions => ({ name: owner, type: 'CNAME', value });

  it('is followed to local names', () => {
    const policy = local(
      cname('www.example', 'Web.example'),
      cname('web.example', 'x.example'),
      a('x.example'),
    );
    const reply = ask(policy, { qname: 'WWW.example' });
    expect(reply?.answers.map(({ owner, data }) => `${owner} ${data}`)).toEqual([
      'WWW.example. Web.example.',
      'Web.example. x.example.',
      'x.example. c0000201',
    ]);
    expect(reply?.authorities).toEqual([]);
  });

  it('to a local name without such a record ends in no data of that name', () => {
    const reply = ask(local(cname('www.example', 'x.example'), a('x.example')), {
      qname: 'www.example',
      qtype: TYPES.AAAA,
    });
    expect(brief(reply)).toBe('0 [5 x.example.] [6 of x.example.]');
  });

  it('to a name of others is all there is to say', () => {
    expect(brief(ask(local(cname('www.example', 'a.example.com')), { qname: 'www.example' }))).toBe(
      '0 [5 a.example.com.] []',
    );
  });

  it('that leads back ends', () => {
    const policy = local(
      cname('a.example', 'b.example'),
      cname('b.example', 'a.example'),
      cname('c.example', 'c.example'),
    );
    expect(ask(policy, { qname: 'a.example' })?.answers).toHaveLength(2);
    expect(ask(policy, { qname: 'c.example' })?.answers).toHaveLength(1);
  });

  it('in a long chain ends, within what a message holds', () => {
    const chain = Array.from({ length: 30 }, (_, i) =>
      cname(`${i}.${'x'.repeat(60)}.example`, `${i + 1}.${'x'.repeat(60)}.example`),
    );
    expect(ask(local(...chain), { qname: `0.${'x'.repeat(60)}.example` })?.answers).toHaveLength(9);
  });
});

describe('a wildcard', () => {
  const policy = local(a('*.w.example'), a('x.y.w.example', '192.0.2.9'), {
    ...a('*.z.w.example', '192.0.2.3'),
  });

  it.each([
    ['a.w.example', '0 [1 c0000201] []'],
    ['a.b.w.example', '0 [1 c0000201] []'],
    ['*.w.example', '0 [1 c0000201] []'],
    ['x.y.w.example', '0 [1 c0000209] []'],
    ['q.z.w.example', '0 [1 c0000203] []'],
    // These exist because of names below them, so no wildcard speaks for them (RFC 4592 §2.2.2).
    ['y.w.example', '0 [] [6 of y.w.example.]'],
    ['z.w.example', '0 [] [6 of z.w.example.]'],
    // And nothing speaks for what is below those and not listed.
    ['q.y.w.example', 'forwarded'],
    ['w.example', 'forwarded'],
    ['xw.example', 'forwarded'],
  ])('%s: %s', (qname, expected) => {
    expect(brief(ask(policy, { qname }))).toBe(expected);
  });

  it('has no data of other types', () => {
    expect(brief(ask(policy, { qname: 'a.w.example', qtype: TYPES.TXT }))).toBe('0 [] [6 of a.w.example.]');
  });
});

describe('a record that cannot be', () => {
  const bad: [LocalRecordOptions, string][] = [
    [a('a..example'), 'its name is no domain name'],
    [a('.'), 'its name is no domain name'],
    [a(''), 'its name is no domain name'],
    [a('x y.example'), 'its name is no domain name'],
    [a('x\\'), 'its name is no domain name'],
    [a('x\\256.example'), 'its name is no domain name'],
    [a(`${'a'.repeat(64)}.example`), 'its name is no domain name'],
    [a(`${'abc.'.repeat(64)}example`), 'its name is no domain name'],
    [a('*'), 'a wildcard needs a name behind the asterisk'],
    [a('x.example', '192.0.2.256'), 'its value is no IPv4 address'],
    [a('x.example', '::1'), 'its value is no IPv4 address'],
    [{ name: 'x.example', type: 'AAAA', value: 'fe80::1%lo' }, 'its value is no IPv6 address'],
    [{ name: 'x.example', type: 'CNAME', value: 'a..b' }, 'its value is no domain name'],
    [{ name: 'x.example', type: 'MX', value: 'mail.example' }, 'its value is not "preference name"'],
    [{ name: 'x.example', type: 'MX', value: '65536 mail.example' }, 'its value is not "preference name"'],
    [
      { name: 'x.example', type: 'SRV', value: '1 2 x.example' },
      'its value is not "priority weight port name"',
    ],
    [{ name: 'x.example', type: 'TXT', value: 'x'.repeat(32_769) }, 'its text is longer than 32768 octets'],
    [{ ...a('x.example'), ttlSeconds: -1 }, 'its TTL is not 0 to 604800'],
    [{ ...a('x.example'), ttlSeconds: 1.5 }, 'its TTL is not 0 to 604800'],
    [{ ...a('x.example'), ttlSeconds: 604_801 }, 'its TTL is not 0 to 604800'],
  ];
  it.each(bad)('is refused: %j', (record, reason) => {
    expect(() => local(record)).toThrow(PolicyOptionError);
    expect(() => local(record)).toThrow(reason);
  });

  it.each([
    [[a('x.example'), { name: 'X.example', type: 'CNAME', value: 'b.example' }]],
    [
      [
        { name: 'x.example', type: 'CNAME', value: 'b.example' },
        { name: 'x.example', type: 'CNAME', value: 'c.example' },
      ],
    ],
    [[{ name: 'x.example', type: 'CNAME', value: 'b.example' }, a('x.example')]],
  ] as LocalRecordOptions[][][])('is refused beside an alias: %j', (records) => {
    expect(() => local(...records)).toThrow(
      /local records of x\.example: an alias can have no other record/i,
    );
  });

  it('is refused when no reply would hold it', () => {
    const texts = ['a', 'b'].map(
      (letter): LocalRecordOptions => ({ name: 'x.example', type: 'TXT', value: letter.repeat(32_000) }),
    );
    expect(() => local(...texts)).toThrow(/more than 60000 octets/);
  });
});

describe('a hosts file', () => {
  it('gives addresses, and names to addresses', async () => {
    const hostsFiles = [
      await listFile(
        '\ufeff# home\r\n127.0.0.1 localhost\n192.168.1.5\tNAS.home.arpa nas # the box\n2001:db8::5 nas.home.arpa\n192.168.1.5 other\n',
      ),
    ];
    const { policy, reports } = await started({ hostsFiles });
    expect(reports.loaded).toMatchObject([
      { kind: 'hosts', names: 4, ignored: { invalid: 0, unsupported: 0, overlong: 0 } },
    ]);
    expect(brief(ask(policy, { qname: 'nas.home.arpa' }))).toBe('0 [1 c0a80105] []');
    expect(brief(ask(policy, { qname: 'nas.home.arpa', qtype: TYPES.AAAA }))).toBe(
      '0 [28 20010db8000000000000000000000005] []',
    );
    expect(brief(ask(policy, { qname: 'nas', qtype: TYPES.AAAA }))).toBe('0 [] [6 of nas.]');
    expect(brief(ask(policy, { qname: 'other' }))).toBe('0 [1 c0a80105] []');
    expect(brief(ask(policy, { qname: '5.1.168.192.in-addr.arpa', qtype: TYPES.PTR }))).toBe(
      '0 [12 nas.home.arpa.] []',
    );
    expect(brief(ask(policy, { qname: '5.1.168.192.in-addr.arpa', qtype: TYPES.A }))).toBe(
      '0 [] [6 of 5.1.168.192.in-addr.arpa.]',
    );
    const six = `5.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`;
    expect(brief(ask(policy, { qname: six, qtype: TYPES.PTR }))).toBe('0 [12 nas.home.arpa.] []');
    expect(ask(policy, { qname: '6.1.168.192.in-addr.arpa', qtype: TYPES.PTR })?.rcode).toBe(NXDOMAIN);
    expect(ask(policy, { qname: '1.168.192.in-addr.arpa', qtype: TYPES.PTR })?.rcode).toBe(NOERROR);
    expect(brief(ask(policy, { qname: '1.0.0.127.in-addr.arpa', qtype: TYPES.PTR }))).toBe(
      '0 [12 localhost.] []',
    );
  });

  it('adds to the settings, whose aliases and names of addresses stand', async () => {
    const hostsFiles = [await listFile('192.0.2.1 a.example b.example\n0.0.0.0 c.example\n')];
    const localRecords: LocalRecordOptions[] = [
      a('a.example', '192.0.2.7'),
      { name: 'b.example', type: 'CNAME', value: 'a.example' },
      { name: '1.2.0.192.in-addr.arpa', type: 'PTR', value: 'set.example' },
    ];
    const { policy } = await started({ hostsFiles, localRecords });
    expect(brief(ask(policy, { qname: 'a.example' }))).toBe('0 [1 c0000207, 1 c0000201] []');
    expect(brief(ask(policy, { qname: 'b.example' }))).toBe('0 [5 a.example., 1 c0000207, 1 c0000201] []');
    expect(brief(ask(policy, { qname: '1.2.0.192.in-addr.arpa', qtype: TYPES.PTR }))).toBe(
      '0 [12 set.example.] []',
    );
    expect(brief(ask(policy, { qname: 'c.example' }))).toBe('0 [1 00000000] []');
    expect(ask(policy, { qname: '0.0.0.0.in-addr.arpa', qtype: TYPES.PTR })?.rcode).toBe(NXDOMAIN);
  });

  it('counts what it cannot use', async () => {
    const hostsFiles = [
      await listFile('fe80::1%lo0 localhost\nexample.com\n192.0.2.1 good.example b_d!\n192.0.2.9\n'),
    ];
    const { policy, reports } = await started({ hostsFiles });
    expect(reports.loaded[0]).toMatchObject({
      names: 1,
      ignored: { invalid: 2, unsupported: 1, overlong: 0 },
    });
    expect(ask(policy, { qname: 'example.com' })).toBeNull();
    expect(ask(policy, { qname: 'good.example' })?.answers).toHaveLength(1);
  });

  it('may give more addresses than a datagram holds; the reply is whole', async () => {
    const lines = Array.from({ length: 4_000 }, (_, i) => `10.0.${i >> 8}.${i & 255} many.example`);
    const { policy } = await started({ hostsFiles: [await listFile(lines.join('\n'))] });
    const asked = query({ qname: 'many.example' });
    const reply = policy.answer(asked, walk(asked));
    expect(reply?.length).toBeGreaterThan(59_000);
    expect(reply?.length).toBeLessThan(65_535);
    expect(walk(reply ?? Buffer.alloc(0)).fault).toBeNull();
  });
});
