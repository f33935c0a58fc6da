import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createUpstreams, isPrivateAddress, UpstreamOptionError } from '../src/index.ts';
import { Routes } from '../src/routes.ts';
import { outgoing } from './messages.ts';
import { answer, names, Stage, sharedCa } from './stage.ts';

const find = (routes: Routes<string>, qname: string) => {
  const { message, qnameEnd } = outgoing(qname);
  return routes.find(message, qnameEnd)?.target ?? null;
};

const routesOf = (...suffixes: string[]) => {
  const routes = new Routes<string>();
  for (const suffix of suffixes) routes.add(suffix, suffix);
  return routes;
};

describe('Routes', () => {
  it.each([
    ['corp.example.com', 'corp.example.com'],
    ['CORP.Example.com', 'corp.example.com'],
    ['a.b.corp.example.com', 'corp.example.com'],
    ['deep.corp.example.com', 'deep.corp.example.com'],
    ['x.deep.corp.example.com', 'deep.corp.example.com'],
    ['xcorp.example.com', null],
    ['example.com', null],
    ['com', null],
    ['corp.example.com.example.net', null],
    ['1.0.0.10.in-addr.arpa', '10.in-addr.arpa'],
  ])('of %s is %s', (qname, expected) => {
    const routes = routesOf('corp.example.com', 'deep.corp.example.com', '10.in-addr.arpa');
    expect(find(routes, qname)).toBe(expected);
  });

  it('can be for the root, and then for all', () => {
    const routes = routesOf('.', 'example.com.');
    expect(find(routes, 'example.net')).toBe('.');
    expect(find(routes, 'a.example.com')).toBe('example.com.');
    const { message } = outgoing('a.example.com');
    expect(routes.find(message, 12)?.target).toBe('.');
  });

  it('finds what a comparison of text finds', () => {
    const label = fc.stringMatching(/^[abAB]{1,2}$/);
    const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'));
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { maxLength: 8, selector: (n) => n.toLowerCase() }),
        name,
        (suffixes, qname) => {
          const lower = `.${qname.toLowerCase()}`;
          const matching = suffixes.filter((suffix) => lower.endsWith(`.${suffix.toLowerCase()}`));
          const longest = matching.sort((a, b) => b.length - a.length)[0] ?? null;
          expect(find(routesOf(...suffixes), qname)).toBe(longest);
        },
      ),
    );
  });

  it('reads no octet outside the message, whatever that holds', () => {
    const routes = routesOf('a.b', 'c');
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 300 }), fc.nat(300), (octets, end) => {
        const message = Buffer.from(octets);
        routes.find(message, Math.max(12, Math.min(end, message.length)));
      }),
    );
  });
});

describe('routes', () => {
  it('lead to the group of the longest suffix, and all else to the default group', async () => {
    await using stage = new Stage();
    const [main, corp, lab] = [
      await stage.server({ onQuery: answer }),
      await stage.server({ onQuery: answer }),
      await stage.server({ onQuery: answer }),
    ];
    const group = (port: number) => ({ servers: [{ host: '127.0.0.1', port, authName: 'dns.example.com' }] });
    const { upstreams } = await stage.upstreams([main], {
      groups: { corp: group(corp.port), lab: group(lab.port) },
      routes: {
        'corp.example.com': 'corp',
        'lab.corp.example.com': 'lab',
        'www.corp.example.com': 'default',
      },
    });
    const asked = ['example.com', 'a.corp.example.com', 'b.LAB.corp.example.com', 'www.corp.example.com'];
    const answers = await Promise.all(asked.map((name) => upstreams.ask(outgoing(name))));
    const [m, c, l] = upstreams.names;
    expect(answers.map(({ upstream }) => upstream)).toEqual([m, c, l, m]);
    const { suffix, group: found } = upstreams.routeOf(outgoing('x.corp.example.com'));
    expect([suffix, found.name]).toEqual(['corp.example.com', 'corp']);
    expect(upstreams.routeOf(outgoing('example.com')).suffix).toBe(null);
  });

  it('have limits and selection of their own, and the rest from all groups', async () => {
    await using stage = new Stage();
    const main = await stage.server();
    const corp = await stage.server();
    const { outcome } = await stage.upstreams([main], {
      limits: { queryTimeoutMs: 2_000, padBlockBytes: 0 },
      groups: {
        corp: {
          servers: [{ host: '127.0.0.1', port: corp.port, authName: 'dns.example.com' }],
          limits: { queryTimeoutMs: 50 },
        },
      },
      routes: { 'corp.example.com': 'corp' },
    });
    expect(await outcome('a.corp.example.com')).toBe('ERR_UPSTREAM_TIMEOUT');
    expect(corp.queries[0]?.length).toBe(outgoing('a.corp.example.com').message.length);
  });
});

describe('options of groups and routes', () => {
  const server = { host: '192.0.2.1', port: 853, authName: 'dns.example.com' };
  const plain = { transport: 'udp', host: '10.0.0.1', port: 53 } as const;
  const corp = (group: object) => ({
    servers: [server],
    groups: { corp: { servers: [plain], ...group } },
    routes: { 'corp.example.com': 'corp' },
  });

  it.each<[RegExp, Parameters<typeof createUpstreams>[0]]>([
    [/groups\.corp\.servers\[0\]\.transport: udp is not encrypted; .*insecure: true/, corp({})],
    [
      /groups\.corp\.servers\[0\]\.host: expected a private .* not "192\.0\.2\.1"/,
      corp({ insecure: true, servers: [{ ...plain, host: '192.0.2.1' }] }),
    ],
    [
      /host: expected a private .* not "dns\.example\.com"/,
      corp({ insecure: true, servers: [{ ...plain, host: 'dns.example.com' }] }),
    ],
    [/servers\[0\]\.transport/, { servers: [plain] }],
    [
      /routes\.a\.example: expected one of default, not "b"/,
      { servers: [server], routes: { 'a.example': 'b' } },
    ],
    [/routes: expected a domain name, not "a\.\.b"/, { servers: [server], routes: { 'a..b': 'default' } }],
    [
      /groups: expected names other than default/,
      { servers: [server], groups: { default: { servers: [server] } } },
    ],
    [/groups\.x\.servers: expected at least one/, { servers: [server], groups: { x: { servers: [] } } }],
    [
      /limits\.hedgePercent: expected 0 with the selection race/,
      { servers: [server], selection: 'race', limits: { hedgePercent: 5 } },
    ],
    [
      /pins: expected sha256\/ and 32 octets in Base64, not "sha256\/x"/,
      { servers: [{ ...server, pins: ['sha256/x'] }] },
    ],
    [
      /pins: expected none with opportunistic/,
      { servers: [{ ...server, authentication: 'opportunistic', pins: [`sha256/${'A'.repeat(43)}=`] }] },
    ],
    [
      /clientCertificate: .*ENOENT/,
      { servers: [{ ...server, clientCertificate: { certFile: '/nowhere/c', keyFile: '/nowhere/k' } }] },
    ],
  ])('that cannot be used are refused: %s', (message, options) => {
    expect(() => createUpstreams(options)).toThrow(UpstreamOptionError);
    expect(() => createUpstreams(options)).toThrow(message);
  });

  it('name selections and the like that exist', () => {
    const wrong = JSON.parse('{"selection":"best","servers":[]}');
    wrong.servers = [server];
    expect(() => createUpstreams(wrong)).toThrow(/selection: expected failover, .* not "best"/);
  });

  it('with plain DNS are taken when the group says insecure', async () => {
    const upstreams = createUpstreams(corp({ insecure: true }));
    expect(upstreams.names).toEqual(['tls://192.0.2.1:853#dns.example.com', 'udp://10.0.0.1:53']);
    await upstreams.close();
  });
});

describe('isPrivateAddress', () => {
  it.each([
    ['127.0.0.1', true],
    ['10.1.2.3', true],
    ['172.31.255.1', true],
    ['172.32.0.1', false],
    ['192.168.1.1', true],
    ['192.0.2.1', false],
    ['100.100.100.100', true],
    ['::1', true],
    ['fd00::1', true],
    ['fe80::1%eth0', true],
    ['2001:db8::1', false],
    ['::ffff:10.0.0.1', true],
    ['::ffff:192.0.2.1', false],
    ['localhost', false],
  ])('%s: %s', (address, expected) => {
    expect(isPrivateAddress(address)).toBe(expected);
  });
});

describe('making upstreams', () => {
  it('costs little when others with the same anchors are there, so that a reload can swap them', async () => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer });
    const { upstreams: old, outcome } = await stage.upstreams([server]);
    await outcome('a.example.com');
    const waiting = names(20).map((name) => outcome(name));
    const startedMs = performance.now();
    const fresh = createUpstreams({
      servers: [{ host: '127.0.0.1', port: server.port, authName: 'dns.example.com' }],
      ca: (await sharedCa()).pem,
    });
    expect(performance.now() - startedMs).toBeLessThan(50);
    const closed = old.close({ graceMs: 2_000 });
    await fresh.ask(outgoing('b.example.com'));
    expect(await Promise.all(waiting)).toEqual(names(20));
    await closed;
    await fresh.close();
  });
});
