import { describe, expect, it } from 'vitest';
import { redacted } from '../src/admin/redacted.ts';

describe('redacted', () => {
  it.each([
    ['redis://user:pass@example.com:6379/0', 'redis://***@example.com:6379/0'],
    ['redis://:p@ss@example.com', 'redis://***@example.com'],
    ['redis://example.com?password=x', 'redis://example.com?***'],
    ['tls://192.0.2.1#dns.example.com', 'tls://192.0.2.1#dns.example.com'],
    ['/etc/tridot/ca.pem', '/etc/tridot/ca.pem'],
  ])('%s', (text, expected) => {
    expect(redacted({ a: [text] })).toEqual({ a: [expected] });
  });

  it('shows routes and groups, whatever they are called', () => {
    const settings = { routes: { 'token.example.com': 'corp' }, groups: { secret: { warm: true } } };
    expect(redacted(settings)).toEqual(settings);
  });

  it('hides what is called a password', () => {
    expect(redacted({ redis: { password: 'x', port: 1 } })).toEqual({ redis: { password: '***', port: 1 } });
  });
});
