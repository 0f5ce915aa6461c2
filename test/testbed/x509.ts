import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  bitString,
  boolean,
  objectIdentifier,
  octetString,
  sequence,
  set,
  tagged,
  unsignedInteger,
  utcTime,
  utf8String,
} from './der.ts';

/** A subject as Kubernetes reads it: the common name is the user, organizations are its groups. */
export interface Subject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

export const oid = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuthentication: '1.3.6.1.5.5.7.3.1',
  clientAuthentication: '1.3.6.1.5.5.7.3.2',
} as const;

const dayMs = 24 * 60 * 60 * 1000;
const signatureAlgorithm = sequence(objectIdentifier(oid.ecdsaWithSha256));

/** Assembles and signs an X.509 v3 certificate (RFC 5280, section 4.1). */
export function signCertificate(
  { subject, issuer }: { readonly subject: Subject; readonly issuer: Subject },
  { publicKey, issuerKey }: { readonly publicKey: KeyObject; readonly issuerKey: KeyObject },
  extensions: readonly Buffer[],
  validForMs: number,
): string {
  const now = Date.now();
  const authority = keyIdentifier(createPublicKey(issuerKey));
  // By these, authorities of one name are told apart in a bundle.
  const identifiers = [
    extension(oid.subjectKeyIdentifier, octetString(keyIdentifier(publicKey))),
    extension(oid.authorityKeyIdentifier, sequence(tagged(0x80, authority))),
  ];
  const toBeSigned = sequence(
    tagged(0xa0, unsignedInteger(Buffer.from([2]))),
    unsignedInteger(randomBytes(16)),
    signatureAlgorithm,
    distinguishedName(issuer),
    sequence(utcTime(new Date(now - dayMs)), utcTime(new Date(now + validForMs))),
    distinguishedName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions, ...identifiers)),
  );
  const signature = bitString(sign('sha256', toBeSigned, issuerKey));
  return certificatePem(sequence(toBeSigned, signatureAlgorithm, signature));
}

function distinguishedName({ commonName, organizations = [] }: Subject): Buffer {
  const attribute = (type: string, value: string) =>
    set(sequence(objectIdentifier(type), utf8String(value)));
  return sequence(
    ...organizations.map((organization) => attribute(oid.organization, organization)),
    attribute(oid.commonName, commonName),
  );
}

/** An extension of a certificate, `value` being its content in DER. */
export function extension(type: string, value: Buffer, critical = false): Buffer {
  const criticality = critical ? [boolean(true)] : [];
  return sequence(objectIdentifier(type), ...criticality, octetString(value));
}

export function extendedKeyUsage(purpose: string): Buffer {
  return extension(oid.extendedKeyUsage, sequence(objectIdentifier(purpose)));
}

function keyIdentifier(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}

function certificatePem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
