import { createHash, KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { TESTBED_LIMITS } from './limits.ts';

/** Who a certificate is for, how long it lasts, and how it may be wrong. Every field is optional. */
export interface CertificateOptions {
  /** Default: a name that says what the certificate is. Clients must not look at it (RFC 8310 §8.1). */
  readonly commonName?: string;
  /** Default: one hour ago. */
  readonly notBefore?: Date;
  /** Default: in 30 days. */
  readonly notAfter?: Date;
}

/** A certificate for a server. Without names and addresses it has no subjectAltName at all. */
export interface LeafOptions extends CertificateOptions {
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** Marks the leaf as a certificate authority. Default false. */
  readonly ca?: boolean;
  /** Extended key usage. Default `['serverAuth']`; an empty list leaves the extension out. */
  readonly extendedKeyUsage?: readonly ExtendedKeyUse[];
}

export type ExtendedKeyUse = 'serverAuth' | 'clientAuth' | 'codeSigning' | 'emailProtection';

/** An authority: the root, or one below another. */
export interface AuthorityOptions extends CertificateOptions {
  /** How many authorities may stand below this one. Default: any number. */
  readonly pathLength?: number;
}

export interface IntermediateOptions extends AuthorityOptions {
  /** Whether servers send this certificate along with their own. Default true. */
  readonly sent?: boolean;
  /** `false` makes an issuer that must not sign: basicConstraints CA:FALSE. Default true. */
  readonly ca?: boolean;
}

/** What a TLS server needs, in PEM. */
export interface IssuedCertificate {
  /** The leaf, then the intermediates that are sent. */
  readonly cert: string;
  readonly key: string;
  /** Base64 SHA-256 of the leaf's public key, as pins are written (RFC 7858 §4.2). */
  readonly spkiSha256: string;
}

/** A throwaway certificate authority. Its keys are ECDSA P-256 and live in memory alone. */
export interface TestCa {
  /** This authority's certificate. Only the root's is meant as a trust anchor. */
  readonly pem: string;
  issue(options?: LeafOptions): Promise<IssuedCertificate>;
  /** An authority signed by this one. */
  createIntermediate(options?: IntermediateOptions): Promise<TestCa>;
}

/** Makes a new root. It has nothing in common with any other, so a second one serves as the unknown CA. */
export async function createTestCa(options: AuthorityOptions = {}): Promise<TestCa> {
  const x509 = await loadX509();
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: nameOf(options.commonName ?? 'tridot testbed root'),
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(options),
    extensions: [
      ...authorityExtensions(x509, true, options.pathLength),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return authority(x509, { certificate, keys, sent: [] });
}

/** A certificate that signs itself: no authority knows it. */
export async function createSelfSigned(options: LeafOptions = {}): Promise<IssuedCertificate> {
  const x509 = await loadX509();
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: nameOf(options.commonName ?? 'tridot testbed self-signed'),
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(options),
    extensions: leafExtensions(x509, options),
  });
  return issued(certificate.toString('pem'), [], keys);
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

type X509 = typeof import('@peculiar/x509');
type Keys = webcrypto.CryptoKeyPair;

interface Issuer {
  readonly certificate: InstanceType<X509['X509Certificate']>;
  readonly keys: Keys;
  /** Certificates that a server sends after its own, in PEM. */
  readonly sent: readonly string[];
}

/** Loaded on first use: it costs about 110 ms, which a proxy without an embedded upstream should not pay. */
async function loadX509(): Promise<X509> {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

function authority(x509: X509, issuer: Issuer): TestCa {
  const sign = async (keys: Keys, options: CertificateOptions, fallback: string, extensions: Extensions) =>
    x509.X509CertificateGenerator.create({
      subject: nameOf(options.commonName ?? fallback),
      issuer: issuer.certificate.subject,
      publicKey: keys.publicKey,
      signingKey: issuer.keys.privateKey,
      signingAlgorithm: ALGORITHM,
      ...validity(options),
      extensions: [
        ...extensions,
        // Every CA has the same name unless told otherwise: the identifiers tell them apart.
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
      ],
    });
  return {
    pem: issuer.certificate.toString('pem'),
    async issue(options = {}) {
      const keys = await newKeys();
      const certificate = await sign(keys, options, 'tridot testbed leaf', leafExtensions(x509, options));
      return issued(certificate.toString('pem'), issuer.sent, keys);
    },
    async createIntermediate(options = {}) {
      const keys = await newKeys();
      const extensions = authorityExtensions(x509, options.ca ?? true, options.pathLength);
      const certificate = await sign(keys, options, 'tridot testbed intermediate', extensions);
      const sent = options.sent === false ? issuer.sent : [certificate.toString('pem'), ...issuer.sent];
      return authority(x509, { certificate, keys, sent });
    },
  };
}

type Extensions = InstanceType<X509['Extension']>[];

function authorityExtensions(x509: X509, ca: boolean, pathLength: number | undefined): Extensions {
  return [
    new x509.BasicConstraintsExtension(ca, pathLength, true),
    // With CA:FALSE too, so that a certificate which must not sign has one fault and no other.
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  ];
}

function leafExtensions(x509: X509, options: LeafOptions): Extensions {
  const extensions: Extensions = [new x509.BasicConstraintsExtension(options.ca ?? false, undefined, true)];
  const usages = options.extendedKeyUsage ?? ['serverAuth'];
  if (usages.length > 0) {
    extensions.push(new x509.ExtendedKeyUsageExtension(usages.map((use) => x509.ExtendedKeyUsage[use])));
  }
  const names = [
    ...(options.dnsNames ?? []).map((value) => ({ type: 'dns', value }) as const),
    ...(options.ipAddresses ?? []).map((value) => ({ type: 'ip', value }) as const),
  ];
  if (names.length > 0) extensions.push(new x509.SubjectAlternativeNameExtension(names));
  return extensions;
}

function newKeys(): Promise<Keys> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function issued(leaf: string, sent: readonly string[], keys: Keys): IssuedCertificate {
  const spki = new X509Certificate(leaf).publicKey.export({ type: 'spki', format: 'der' });
  return {
    cert: [leaf, ...sent].join('\n'),
    key: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
    spkiSha256: createHash('sha256').update(spki).digest('base64'),
  };
}

const nameOf = (commonName: string) => [{ CN: [commonName] }];

const MS_PER_DAY = 86_400_000;
const MS_PER_HOUR = 3_600_000;

function validity(options: CertificateOptions): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return {
    notBefore: options.notBefore ?? new Date(now - MS_PER_HOUR),
    notAfter: options.notAfter ?? new Date(now + TESTBED_LIMITS.certificateDays.default * MS_PER_DAY),
  };
}
