import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** Whom a certificate must name: a host name, or an IP address where only that is known. */
export type Identity = { readonly name: string } | { readonly address: string };

/** The authentication name if there is one, else the host as it was given, without an IPv6 zone or a final dot. */
export function identityOf(host: string, authName: string | undefined): Identity {
  const expected = (authName ?? host).replace(/%.*$/, '').replace(/\.$/, '');
  return isIP(expected) === 0 ? { name: expected } : { address: expected };
}

/**
 * Holds a certificate, whose chain is verified elsewhere, against the server that was meant. Node's own check is not used:
 * it consults the Subject's CN, and it is skipped on a resumed session.
 *
 * Only SubjectAltName counts: dNSName for a name, compared without case, where `*` may stand for the whole first label;
 * iPAddress for an address. The dates are looked at because a resumed session brings no chain to verify.
 *
 * @returns what is wrong, or `null` when nothing is. RFC 8310 §8.1, RFC 6125 §6.4.
 */
export function identityProblem(
  certificate: X509Certificate | undefined,
  expected: Identity,
  now: Date = new Date(),
): string | null {
  if (certificate === undefined) return 'the server sent no certificate';
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
