import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENDPOINT_FORMS, formatEndpoint, parseEndpoint } from '../src/sockets/endpoints.ts';

describe('parseEndpoint', () => {
  it.each([
    ['127.0.0.1:5301', ['udp', 'tcp'], '127.0.0.1', 5301],
    ['127.0.0.1', ['udp', 'tcp'], '127.0.0.1', undefined],
    ['udp://127.0.0.1:0', ['udp'], '127.0.0.1', 0],
    ['TCP://192.0.2.1:65535', ['tcp'], '192.0.2.1', 65_535],
    ['[::1]:5301', ['udp', 'tcp'], '::1', 5301],
    ['[2001:DB8:0:0::1]', ['udp', 'tcp'], '2001:db8::1', undefined],
    ['tcp://[fe80::1%eth0]:53', ['tcp'], 'fe80::1%eth0', 53],
    ['0.0.0.0:53', ['udp', 'tcp'], '0.0.0.0', 53],
    ['[0:0:0:0:0:0:0:0]:53', ['udp', 'tcp'], '::', 53],
    ['*:53', ['udp', 'tcp'], '*', 53],
    ['udp://*', ['udp'], '*', undefined],
  ])('reads %s', (text, transports, address, port) => {
    expect(parseEndpoint(text)).toEqual({ transports, address, port });
  });

  const forms = `it may be ${ENDPOINT_FORMS}`;
  it.each([
    ['nonsense', `"nonsense" is not an address to listen on; ${forms}`],
    ['', `"" is not an address to listen on; ${forms}`],
    ['5301', `"5301" is not an address to listen on; ${forms}`],
    [':53', `":53" is not an address to listen on; ${forms}`],
    ['127.0.0.1:53/', '"127.0.0.1:53/" has a bad port; it may be 0 (the system chooses) to 65535'],
    ['127.0.0.1:1e3', '"127.0.0.1:1e3" has a bad port; it may be 0 (the system chooses) to 65535'],
    ['1.2.3.4.5:53', `"1.2.3.4.5:53" is not an address to listen on; ${forms}`],
    ['a\nb', `"a\\x0ab" is not an address to listen on; ${forms}`],
    ['::1', '"::1" is IPv6 and needs brackets, as in [::1]:5301'],
    ['[::g]:53', '"[::g]:53" has no IPv6 address between its brackets'],
    ['[127.0.0.1]:53', '"[127.0.0.1]:53" has no IPv6 address between its brackets'],
    [
      '[::ffff:127.0.0.1]:53',
      '"[::ffff:127.0.0.1]:53" is an IPv4 address written as IPv6; write it as 127.0.0.1',
    ],
    ['[fe80::1]:53', '"[fe80::1]:53" is link-local and needs its interface, as in [fe80::1%eth0]:5301'],
    ['127.0.0.1:', '"127.0.0.1:" has a bad port; it may be 0 (the system chooses) to 65535'],
    ['127.0.0.1:65536', '"127.0.0.1:65536" has a bad port; it may be 0 (the system chooses) to 65535'],
    ['localhost:53', '"localhost:53" is a name; an address to listen on is 127.0.0.1 or [::1]'],
    ['tls://127.0.0.1', '"tls://127.0.0.1" begins with tls://; it may begin with udp:// or tcp://'],
  ])('refuses %j in one line', (text, message) => {
    expect(() => parseEndpoint(text)).toThrow(new RangeError(message));
  });

  it('reads back what formatEndpoint writes', () => {
    const endpoint = fc.record({
      transports: fc.constantFrom(['udp', 'tcp'] as const, ['udp'] as const, ['tcp'] as const),
      address: fc.oneof(fc.ipV4(), fc.constantFrom('*', '::', '::1', '2001:db8::1', 'fe80::2%lo')),
      port: fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(endpoint, (value) => {
        expect(parseEndpoint(formatEndpoint(value))).toEqual(value);
      }),
    );
  });

  it('either reads a text or throws a RangeError of one line', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'[]:.*/%0159afudptcp\n\u001b') }),
    );
    fc.assert(
      fc.property(text, (written) => {
        try {
          parseEndpoint(written);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          expect(String(error)).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        }
      }),
    );
  });
});
