/** Whether a certificate is the one of the resolver that was meant. */
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

/**
 * Why this certificate does not prove `authName`; `undefined` when it does. Unlike Node's own check it never falls back
 * on the common name of the subject.
 *
 * RFC 8310 §8.1
 */
export function identityFault(authName: string, certificate: PeerCertificate): Error | undefined {
  if (!/(?:^|, )DNS:/.test(certificate.subjectaltname ?? '')) return new Error('certificate has no dNSName');
  return checkServerIdentity(authName, certificate);
}
