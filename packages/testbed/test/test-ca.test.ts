import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSelfSigned, createTestCa, type LeafOptions } from '../src/test-ca.ts';
import { DotClient } from './dot-client.ts';
import { clientOf, sharedCa, upstreamWith } from './fixture.ts';

const names = { dnsNames: ['dot.example.com'] };
const DAY_MS = 86_400_000;
const past = { notBefore: new Date(Date.now() - 2 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) };
const future = { notBefore: new Date(Date.now() + DAY_MS) };

describe('issue', () => {
  it('makes certificates that hold what was asked', async () => {
    const { cert } = await (await sharedCa()).issue({
      dnsNames: ['a.example.com', '*.b.example.com'],
      ipAddresses: ['192.0.2.1', '2001:db8::1'],
      commonName: 'c.example.com',
    });
    const certificate = new X509Certificate(cert);
    expect(certificate.subjectAltName).toBe(
      'DNS:a.example.com, DNS:*.b.example.com, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1',
    );
    expect(certificate.subject).toBe('CN=c.example.com');
    expect(certificate.ca).toBe(false);
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  });

  it('leaves subjectAltName out when there are no names', async () => {
    const { cert } = await (await sharedCa()).issue({ commonName: 'dot.example.com' });
    expect(new X509Certificate(cert).subjectAltName).toBeUndefined();
  });

  it('marks a leaf as an authority', async () => {
    expect(new X509Certificate((await (await sharedCa()).issue({ ca: true })).cert).ca).toBe(true);
  });

  it.each<[string, LeafOptions, string]>([
    ['expired', { ...names, ...past }, 'CERT_HAS_EXPIRED'],
    ['not yet valid', { ...names, ...future }, 'CERT_NOT_YET_VALID'],
    ['for another name', { dnsNames: ['other.example.com'] }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['for clients alone', { ...names, extendedKeyUsage: ['clientAuth'] }, 'INVALID_PURPOSE'],
  ])('makes a leaf that is %s', async (_name, options, code) => {
    const upstream = await upstreamWith([], { certificate: await (await sharedCa()).issue(options) });
    expect(await new DotClient(upstream).failed()).toBe(code);
  });

  it('a self-signed certificate is known to nobody', async () => {
    const upstream = await upstreamWith([], { certificate: await createSelfSigned(names) });
    expect(await new DotClient(upstream).failed()).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  it('an expired root fails a leaf that is not', async () => {
    const ca = await createTestCa(past);
    const upstream = await upstreamWith([], { ca });
    expect(await new DotClient(upstream).failed()).toBe('CERT_HAS_EXPIRED');
  });

  it('gives the pin of the leaf', async () => {
    const upstream = await upstreamWith();
    const { spkiSha256 } = await (await sharedCa()).issue(names);
    expect(Buffer.from(spkiSha256, 'base64')).toHaveLength(32);
    await clientOf(upstream);
  });
});

describe('createIntermediate', () => {
  it('is sent along, so that the chain holds', async () => {
    const intermediate = await (await sharedCa()).createIntermediate();
    const certificate = await intermediate.issue(names);
    expect(certificate.cert.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    await clientOf(await upstreamWith([], { certificate }));
  });

  it.each([
    ['is not sent', { sent: false }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['has expired', past, 'CERT_HAS_EXPIRED'],
    ['must not sign', { ca: false }, 'INVALID_PURPOSE'],
  ])('breaks the chain when it %s', async (_name, options, code) => {
    const intermediate = await (await sharedCa()).createIntermediate(options);
    const upstream = await upstreamWith([], { certificate: await intermediate.issue(names) });
    expect(await new DotClient(upstream).failed()).toBe(code);
  });

  it('breaks the path length of a root that allows none', async () => {
    const ca = await createTestCa({ pathLength: 0 });
    const certificate = await (await ca.createIntermediate()).issue(names);
    const upstream = await upstreamWith([], { ca, certificate });
    expect(await new DotClient(upstream).failed()).toBe('PATH_LENGTH_EXCEEDED');
  });
});
