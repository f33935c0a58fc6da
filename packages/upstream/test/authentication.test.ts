import { createSelfSigned, createTestCa, type LeafOptions } from '@tridot/testbed';
import { describe, expect, it } from 'vitest';
import { UpstreamError } from '../src/index.ts';
import { outgoing } from './messages.ts';
import { startScriptedServer } from './scripted-server.ts';
import { AUTH_NAME, answer, askOnce, Stage, sharedCa } from './stage.ts';

const DAY_MS = 86_400_000;
const yesterday = new Date(Date.now() - DAY_MS);
const tomorrow = new Date(Date.now() + DAY_MS);

describe('a server that proves who it is', () => {
  it.each<[string, LeafOptions, string]>([
    ['the name', { dnsNames: [AUTH_NAME] }, AUTH_NAME],
    ['the name among others', { dnsNames: ['a.example', AUTH_NAME] }, AUTH_NAME],
    ['the name in other case', { dnsNames: ['DNS.Example.COM'] }, 'dns.EXAMPLE.com'],
    ['a wildcard for the first label', { dnsNames: ['*.example.com'] }, AUTH_NAME],
    ['the address, when only that is known', { ipAddresses: ['127.0.0.1'] }, '127.0.0.1'],
  ])('is accepted by %s', async (_what, leaf, authName) => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer }, leaf);
    const { outcome } = await stage.upstreams([{ port: server.port, authName }]);
    expect(await outcome('a.example.com')).toBe('a.example.com');
  });

  it('is sent the authentication name as SNI and the protocol dot', async () => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer });
    const { outcome, seen } = await stage.upstreams([server]);
    await outcome('a.example.com');
    const socket = server.connections[0]?.socket;
    expect(socket && 'servername' in socket && socket.servername).toBe(AUTH_NAME);
    expect(socket?.alpnProtocol).toBe('dot');
    expect(seen.opened[0]?.protocol).toBe('TLSv1.3');
  });

  it('is sent no SNI when only its address is known', async () => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer }, { ipAddresses: ['127.0.0.1'] });
    const { outcome } = await stage.upstreams([{ port: server.port, authName: '127.0.0.1' }]);
    await outcome('a.example.com');
    const socket = server.connections[0]?.socket;
    expect(socket && 'servername' in socket && socket.servername).toBe(false);
  });

  it('may lack ALPN', async () => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer, tls: { ALPNProtocols: [] } });
    const { outcome } = await stage.upstreams([server]);
    expect(await outcome('a.example.com')).toBe('a.example.com');
  });

  it('may speak TLS 1.2', async () => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer, tls: { maxVersion: 'TLSv1.2' } });
    const { outcome, seen } = await stage.upstreams([server]);
    expect(await outcome('a.example.com')).toBe('a.example.com');
    expect(seen.opened[0]?.protocol).toBe('TLSv1.2');
  });

  it('is found by a host name through the resolver of the system', async () => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer }, { dnsNames: ['localhost'] });
    const { outcome } = await stage.upstreams([
      { port: server.port, host: 'localhost', authName: 'localhost' },
    ]);
    expect(await outcome('a.example.com')).toBe('a.example.com');
  });
});

describe('a server that does not prove who it is', () => {
  it.each<[string, LeafOptions, string, string]>([
    ['another name', { dnsNames: ['dns.example.net'] }, AUTH_NAME, 'ERR_UPSTREAM_IDENTITY'],
    [
      'a name that only begins like it',
      { dnsNames: [`${AUTH_NAME}.evil.example`] },
      AUTH_NAME,
      'ERR_UPSTREAM_IDENTITY',
    ],
    ['a wildcard below the name', { dnsNames: [`*.${AUTH_NAME}`] }, AUTH_NAME, 'ERR_UPSTREAM_IDENTITY'],
    ['a wildcard for two labels', { dnsNames: ['*.com'] }, AUTH_NAME, 'ERR_UPSTREAM_IDENTITY'],
    ['a partial wildcard', { dnsNames: ['d*.example.com'] }, AUTH_NAME, 'ERR_UPSTREAM_IDENTITY'],
    ['the name as CN and no SAN', { commonName: AUTH_NAME }, AUTH_NAME, 'ERR_UPSTREAM_IDENTITY'],
    [
      'the name as CN and only its address as SAN',
      { commonName: AUTH_NAME, ipAddresses: ['127.0.0.1'] },
      AUTH_NAME,
      'ERR_UPSTREAM_IDENTITY',
    ],
    ['a name when the address is wanted', { dnsNames: [AUTH_NAME] }, '127.0.0.1', 'ERR_UPSTREAM_IDENTITY'],
    ['the address as a dNSName', { dnsNames: ['127.0.0.1'] }, '127.0.0.1', 'ERR_UPSTREAM_IDENTITY'],
    [
      'an expired certificate',
      { dnsNames: [AUTH_NAME], notBefore: new Date(0), notAfter: yesterday },
      AUTH_NAME,
      'ERR_UPSTREAM_TLS',
    ],
    [
      'a certificate of tomorrow',
      { dnsNames: [AUTH_NAME], notBefore: tomorrow },
      AUTH_NAME,
      'ERR_UPSTREAM_TLS',
    ],
    [
      'a certificate for clients',
      { dnsNames: [AUTH_NAME], extendedKeyUsage: ['clientAuth'] },
      AUTH_NAME,
      'ERR_UPSTREAM_TLS',
    ],
  ])('is refused by %s, and gets no octet of DNS', async (_what, leaf, authName, code) => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer }, leaf);
    const { outcome, seen } = await stage.upstreams([{ port: server.port, authName }]);
    expect(await outcome('a.example.com')).toBe(code);
    expect(server.connections.flatMap(({ reads }) => reads)).toEqual([]);
    expect(seen.failed.map((error) => error.code)).toEqual([code]);
    expect(seen.failed[0]?.message).not.toMatch(/\n/);
    expect(seen.failed[0]?.ede).toBe(23);
  });

  it.each([
    ['an unknown authority', async () => (await createTestCa()).issue({ dnsNames: [AUTH_NAME] })],
    ['itself', () => createSelfSigned({ dnsNames: [AUTH_NAME] })],
    [
      'an intermediate that it does not send',
      async () =>
        (await (await sharedCa()).createIntermediate({ sent: false })).issue({ dnsNames: [AUTH_NAME] }),
    ],
    [
      'an issuer that may not sign',
      async () =>
        (await (await sharedCa()).createIntermediate({ ca: false })).issue({ dnsNames: [AUTH_NAME] }),
    ],
    [
      'an expired intermediate',
      async () =>
        (await (await sharedCa()).createIntermediate({ notBefore: new Date(0), notAfter: yesterday })).issue({
          dnsNames: [AUTH_NAME],
        }),
    ],
  ])('is refused when it is vouched for by %s', async (_what, issue) => {
    await using stage = new Stage();
    const server = await startScriptedServer(await issue(), { onQuery: answer });
    const { outcome } = await stage.upstreams([server]);
    expect(await outcome('a.example.com')).toBe('ERR_UPSTREAM_TLS');
    expect(server.queries).toEqual([]);
    await server.close();
  });

  it('is refused with an expired root', async () => {
    await using stage = new Stage();
    const expired = await createTestCa({ notBefore: new Date(0), notAfter: yesterday });
    const server = await startScriptedServer(await expired.issue({ dnsNames: [AUTH_NAME] }), {
      onQuery: answer,
    });
    const { outcome } = await stage.upstreams([server], { ca: expired.pem });
    expect(await outcome('a.example.com')).toBe('ERR_UPSTREAM_TLS');
    await server.close();
  });

  it('is refused with TLS 1.1', async () => {
    await using stage = new Stage();
    const tls = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
    const server = await stage.server({ onQuery: answer, tls });
    const { outcome } = await stage.upstreams([server]);
    expect(await outcome('a.example.com')).toBe('ERR_UPSTREAM_TLS');
  });

  it('is refused in clear words when it does not want ALPN dot', async () => {
    await using stage = new Stage();
    const server = await stage.server({ onQuery: answer, tls: { ALPNProtocols: ['h2'] } });
    const { outcome, seen } = await stage.upstreams([server]);
    expect(await outcome('a.example.com')).toBe('ERR_UPSTREAM_TLS');
    expect(seen.failed[0]?.message).toMatch(/no application protocol/);
  });

  it('says which name was wanted and which were there', async () => {
    await using stage = new Stage();
    const server = await stage.server({}, { dnsNames: ['dns.example.net'] });
    const { upstreams } = await stage.upstreams([server]);
    const error = await upstreams.ask(outgoing('a.example.com')).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UpstreamError);
    expect(String(error)).toMatch(/not for dns\.example\.com but for DNS:dns\.example\.net \(handshake\)/);
  });

  it.each([
    ['another name', true],
    ['an unknown authority', false],
  ])('is refused for %s when NODE_TLS_REJECT_UNAUTHORIZED=0 is set', async (_what, known) => {
    const ca = await sharedCa();
    const issuer = known ? ca : await createTestCa();
    const leaf = await issuer.issue({ dnsNames: [known ? 'dns.example.net' : AUTH_NAME] });
    const server = await startScriptedServer(leaf, { onQuery: answer });
    const options = { servers: [{ host: '127.0.0.1', port: server.port, authName: AUTH_NAME }], ca: ca.pem };
    const { outcome } = await askOnce(options, { NODE_TLS_REJECT_UNAUTHORIZED: '0' });
    expect(outcome).toBe(known ? 'ERR_UPSTREAM_IDENTITY' : 'ERR_UPSTREAM_TLS');
    expect(server.queries).toEqual([]);
    await server.close();
  });
});
