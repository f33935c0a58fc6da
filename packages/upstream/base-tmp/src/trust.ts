import { X509Certificate } from 'node:crypto';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { reasonOf, UpstreamOptionError } from './errors.ts';

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Whom to believe: the trust anchors as TLS wants them, made once for each set. */
export interface Trust {
  readonly context: SecureContext;
  /** Tells sets of anchors apart: sessions made under one are not resumed under another. */
  readonly key: string;
}

/** Makes {@link Trust}s; equal anchors give the same one, since a context of a hundred roots takes megabytes. */
export function createTrustStore(): (pem: string | undefined) => Trust {
  const made = new Map<string, Trust>();
  return (pem) => {
    const key = pem ?? 'system';
    const existing = made.get(key);
    if (existing !== undefined) return existing;
    const ca = pem === undefined ? systemAnchors() : anchorsOf(pem);
    const trust = { key, context: createSecureContext({ ca, minVersion: 'TLSv1.2' }) };
    made.set(key, trust);
    return trust;
  };
}

/** The certificates in a PEM text. OpenSSL would skip what it cannot read, and then refuse every server. */
function anchorsOf(pem: string): string[] {
  const blocks = pem.match(PEM_CERTIFICATE);
  if (blocks === null) throw new UpstreamOptionError('ca: expected PEM text with at least one certificate');
  for (const [index, block] of blocks.entries()) {
    try {
      new X509Certificate(block);
    } catch (cause) {
      throw new UpstreamOptionError(`ca: certificate ${index + 1} cannot be read: ${reasonOf(cause)}`, {
        cause,
      });
    }
  }
  return blocks;
}

/** The system's anchors and those of NODE_EXTRA_CA_CERTS; the ones that Node carries where the system has none. */
function systemAnchors(): string[] {
  const system = getCACertificates('system');
  const anchors = system.length > 0 ? system : getCACertificates('bundled');
  return [...new Set([...anchors, ...getCACertificates('extra')])];
}
