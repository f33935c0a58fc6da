import { createHash, type X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** Whom a certificate must name: a host name, or an IP address where only that is known. */
export type Identity = { readonly name: string } | { readonly address: string };

/** What a server must prove. */
export interface Expected {
  readonly identity: Identity;
  /** The chain must lead to a trust anchor and the certificate must name the server. False where pins alone count. */
  readonly chain: boolean;
  /** Base64 SHA-256 of public keys, of which the server must have one; empty: any. */
  readonly pins: readonly string[];
  /** False (opportunistic): a server that proves nothing of it is used all the same. */
  readonly required: boolean;
}

/** The authentication name if there is one, else the host as it was given, without an IPv6 zone or a final dot. */
export function identityOf(host: string, authName: string | undefined): Identity {
  const expected = (authName ?? host).replace(/%.*$/, '').replace(/\.$/, '');
  return isIP(expected) === 0 ? { name: expected } : { address: expected };
}

/**
 * Holds a certificate, whose chain is verified elsewhere, against the server that was meant: pins, then the name. To be asked
 * on a resumed session too.
 *
 * @returns what is wrong, or `null` when nothing is. RFC 8310 §8.1, RFC 7858 §4.2.
 */
export function authenticationProblem(
  certificate: X509Certificate | undefined,
  { identity, chain, pins }: Expected,
  now: Date = new Date(),
): string | null {
  if (certificate === undefined) return 'the server sent no certificate';
  if (pins.length > 0) {
    const pin = pinOf(certificate);
    if (!pins.includes(pin)) return `public key sha256/${pin} is not pinned`;
  }
  return chain ? identityProblem(certificate, identity, now) : null;
}

/**
 * Node's own check is not used: it consults the Subject's CN, and it is skipped on a resumed session.
 *
 * Only SubjectAltName counts: dNSName for a name, compared without case, where `*` may stand for the whole first label;
 * iPAddress for an address. The dates are looked at because a resumed session brings no chain to verify.
 *
 * @returns what is wrong, or `null` when nothing is. RFC 8310 §8.1, RFC 6125 §6.4.
 */
function identityProblem(certificate: X509Certificate, expected: Identity, now: Date): string | null {
  if (now < certificate.validFromDate) return 'certificate is not yet valid';
  if (now > certificate.validToDate) return 'certificate has expired';
  const wanted = 'name' in expected ? expected.name : expected.address;
  if (
    'name' in expected ? matchesName(certificate, expected.name) : certificate.checkIP(wanted) !== undefined
  ) {
    return null;
  }
  return `certificate is not for ${wanted} but for ${certificate.subjectAltName ?? 'no alternative name at all'}`;
}

function matchesName(certificate: X509Certificate, name: string): boolean {
  // OpenSSL reads a leading dot as "any subdomain" and an empty name as "any name".
  if (name === '' || name.startsWith('.')) return false;
  return (
    certificate.checkHost(name, { subject: 'never', partialWildcards: false, multiLabelWildcards: false }) !==
    undefined
  );
}

/** The certificate's public key, as pins are written. */
export function pinOf(certificate: X509Certificate): string {
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('base64');
}
