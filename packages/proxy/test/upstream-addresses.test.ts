import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseUpstream, UPSTREAM_FORMS } from '../src/upstreams/upstream-addresses.ts';

describe('parseUpstream', () => {
  it.each([
    [
      'tls://1.1.1.1:853#cloudflare-dns.com',
      '1.1.1.1',
      853,
      'cloudflare-dns.com',
      'cloudflare-dns.com (1.1.1.1)',
    ],
    [
      'tls://1.1.1.1#cloudflare-dns.com',
      '1.1.1.1',
      853,
      'cloudflare-dns.com',
      'cloudflare-dns.com (1.1.1.1)',
    ],
    [
      'tls://[2001:db8::1]:8853#dns.example.com',
      '2001:db8::1',
      8853,
      'dns.example.com',
      'dns.example.com ([2001:db8::1]:8853)',
    ],
    ['tls://192.0.2.1', '192.0.2.1', 853, undefined, '192.0.2.1'],
    ['tls://dns.example.com', 'dns.example.com', 853, 'dns.example.com', 'dns.example.com'],
    ['tls://dns.example.com.:8853', 'dns.example.com', 8853, 'dns.example.com', 'dns.example.com:8853'],
    [
      'tls://dns.example.com#other.example.com',
      'dns.example.com',
      853,
      'other.example.com',
      'other.example.com (dns.example.com)',
    ],
    ['TLS://dns.example.com', 'dns.example.com', 853, 'dns.example.com', 'dns.example.com'],
  ])('reads %s', (text, host, port, authName, label) => {
    const expected = authName === undefined ? { host, port, label } : { host, port, authName, label };
    expect(parseUpstream(text)).toEqual([expected]);
  });

  it.each(['cloudflare', 'quad9', 'google'])(
    'knows the addresses of %s, each with its authentication name',
    (name) => {
      const servers = parseUpstream(name);
      if (servers === 'embedded') throw new Error('not a provider');
      expect(servers.length).toBeGreaterThanOrEqual(4);
      expect(new Set(servers.map((server) => server.authName)).size).toBe(1);
      expect(servers.every((server) => server.port === 853)).toBe(true);
    },
  );

  it('passes embedded on', () => {
    expect(parseUpstream('embedded')).toBe('embedded');
  });

  it.each([
    ['tls://', `"tls://" names no server; it may be ${UPSTREAM_FORMS}`],
    ['tls://#name', `"tls://#name" names no server; it may be ${UPSTREAM_FORMS}`],
    ['tls://1.2.3', '"tls://1.2.3" names no server: "1.2.3" is neither an address nor a host name'],
    ['tls://a b', '"tls://a b" names no server: "a b" is neither an address nor a host name'],
    ['tls://[::g]', '"tls://[::g]" has no IPv6 address between its brackets'],
    ['tls://1.1.1.1:0', '"tls://1.1.1.1:0" has a bad port; it may be 1 to 65535'],
    ['tls://1.1.1.1:99999', '"tls://1.1.1.1:99999" has a bad port; it may be 1 to 65535'],
    ['tls://1.1.1.1:x', '"tls://1.1.1.1:x" has a bad port; it may be 1 to 65535'],
    [
      'tls://1.1.1.1#',
      '"tls://1.1.1.1#" has a bad authentication name; after # stands the host name of the server\'s certificate',
    ],
    [
      'tls://1.1.1.1#1.1.1.1',
      '"tls://1.1.1.1#1.1.1.1" has a bad authentication name; after # stands the host name of the server\'s certificate',
    ],
    [
      '1.1.1.1',
      '"1.1.1.1" has no scheme and no authentication name; write tls://1.1.1.1#NAME with the host name of its certificate',
    ],
    [
      '2001:db8::1',
      '"2001:db8::1" has no scheme and no authentication name; write tls://[2001:db8::1]#NAME with the host name of its certificate',
    ],
    ['cloudfare', `"cloudfare" is not an upstream; it may be ${UPSTREAM_FORMS}; did you mean cloudflare?`],
    ['https://dns.example.com', `"https://dns.example.com" is not an upstream; it may be ${UPSTREAM_FORMS}`],
    ['tls://1.1.1.1/dns', `"tls://1.1.1.1/dns" is not an upstream; it may be ${UPSTREAM_FORMS}`],
    ['constructor', `"constructor" is not an upstream; it may be ${UPSTREAM_FORMS}`],
  ])('refuses %j in one line', (text, message) => {
    expect(() => parseUpstream(text)).toThrow(new RangeError(message));
  });

  it('either reads a text or throws a RangeError of one line', () => {
    const text = fc
      .string({ unit: fc.constantFrom(...'[]:.#/-_019afxn\n\u001b\u00e9') })
      .map((rest) => `tls://${rest}`);
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), (written) => {
        try {
          parseUpstream(written);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          expect(String(error)).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        }
      }),
    );
  });
});
