import { X509Certificate } from 'node:crypto';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { ClientPair } from './client-certificate.ts';
import { reasonOf, UpstreamOptionError } from './errors.ts';

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Whom to believe, and who we are, as TLS wants it. */
export interface Trust {
  readonly context: SecureContext;
  /** Tells sets of anchors and versions apart: sessions made under one are not resumed under another. */
  readonly key: string;
}

/** What a {@link Trust} is made of. */
export interface TrustOptions {
  /** Trust anchors in PEM; `undefined`: the system's. */
  readonly ca: string | undefined;
  readonly tls13Only: boolean;
}

/**
 * A context of a hundred roots takes megabytes and milliseconds, so equal ones are shared by all groups, also by those that
 * take the place of others; nobody keeps one that is not used any more.
 */
const made = new Map<string, WeakRef<Trust>>();

/** @throws {UpstreamOptionError} ERR_UPSTREAM_OPTION: the anchors cannot be read. */
export function trustOf(options: TrustOptions): Trust {
  const key = JSON.stringify([options.ca ?? 'system', options.tls13Only]);
  const existing = made.get(key)?.deref();
  if (existing !== undefined) return existing;
  for (const [other, trust] of made) if (trust.deref() === undefined) made.delete(other);
  const trust = { key, context: contextOf(options, null) };
  made.set(key, new WeakRef(trust));
  return trust;
}

/** A context that also proves who we are. */
export function contextOf({ ca, tls13Only }: TrustOptions, client: ClientPair | null): SecureContext {
  return createSecureContext({
    ca: ca === undefined ? systemAnchors() : anchorsOf(ca),
    minVersion: tls13Only ? 'TLSv1.3' : 'TLSv1.2',
    ...(client === null ? {} : { cert: client.cert, key: client.key }),
  });
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
